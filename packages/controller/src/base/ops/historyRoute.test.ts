import { get, type IncomingMessage } from "node:http";

import { systemClock } from "@walras/kit";
import { afterEach, expect, it } from "vitest";

import { MemoryHistory } from "../history/memory.ts";
import { mostStreams } from "../history/stream.ts";
import { aDecision } from "../history/testing/decisions.ts";
import { OpsServer } from "./http.ts";
import { baseMetrics } from "./metrics.ts";
import { metricsIn, Registry } from "./registry.ts";
import { FakeViewAccess } from "./testing.ts";

const stops: (() => unknown)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function ops(isLocal = true): Promise<{ readonly history: MemoryHistory; readonly url: string }> {
  const registry = new Registry();
  const history = new MemoryHistory(1e8, systemClock);
  const server = new OpsServer({
    host: "127.0.0.1",
    port: 0,
    metrics: baseMetrics(registry, metricsIn(registry)),
    views: {},
    notReady: () => [],
    history,
    access: new FakeViewAccess({}),
    isLocal: () => isLocal,
  });
  await server.start();
  stops.push(() => server.stop());
  return { history, url: `http://127.0.0.1:${server.port}/history` };
}

function follow(url: string, headers: Readonly<Record<string, string>> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers: { accept: "text/event-stream", ...headers }, agent: false }, resolve);
    request.on("error", reject);
    stops.push(() => request.destroy());
  });
}

/** Ids of so many events, as they come. */
async function idsOf(answer: IncomingMessage, count: number): Promise<number[]> {
  const ids: number[] = [];
  let rest = "";
  for await (const chunk of answer) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("id: ")) ids.push(Number(line.slice(4)));
    if (ids.length >= count) break;
  }
  return ids;
}

it("a reader has all that is past, however much, and then what comes, each once", async () => {
  const { history, url } = await ops();
  for (let index = 0; index < 5_000; index += 1) history.append(aDecision({ pod: `pod-${index}` }));
  const answer = await follow(`${url}?after=0`);
  setTimeout(() => history.append(aDecision({ pod: "late" })), 50);
  const ids = await idsOf(answer, 5_001);
  expect(ids).toEqual((await history.query({ after: 0, limit: 10_000 })).map(({ id }) => id));
});

it("goes on over a dropped connection by the last id, losing and repeating nothing", async () => {
  const { history, url } = await ops();
  for (let index = 0; index < 100; index += 1) history.append(aDecision({ pod: `pod-${index}` }));
  const seen = await idsOf(await follow(`${url}?after=0`), 40);
  const rest = await idsOf(await follow(url, { "last-event-id": String(seen[39]) }), 60);
  expect([...seen.slice(0, 40), ...rest]).toEqual(
    (await history.query({ after: 0, limit: 1_000 })).map(({ id }) => id),
  );
});

it("so many follow and no more; who leaves makes room", async () => {
  const { url } = await ops();
  const answers: IncomingMessage[] = [];
  for (let one = 0; one < mostStreams; one += 1) answers.push(await follow(url));
  const status = async (): Promise<number | undefined> => {
    const answer = await follow(url);
    answer.destroy();
    return answer.statusCode;
  };
  expect(await status()).toBe(503);
  for (const answer of answers) answer.destroy();
  await expect.poll(status).toBe(200);
});

it("names of pods are for those whom the API server lets, and a wrong question is told so", async () => {
  const { url } = await ops(false);
  expect((await fetch(url)).status).toBe(401);
  const open = await ops();
  const wrong = await fetch(`${open.url}?limit=0`);
  expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringMatching(/^query\.limit: "0" is not valid/)]);
});
