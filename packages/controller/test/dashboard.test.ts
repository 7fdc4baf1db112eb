import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  applyDelta,
  dashboardMe,
  dashboardNode,
  dashboardPod,
  type DashboardSummary,
  dashboardSummary,
  type SummaryEvent,
  summaryEvent,
} from "@walras/api";
import { afterEach, describe, expect, it } from "vitest";

import { startWorld, type World } from "./world.ts";

let world: World | undefined;
const folder = mkdtempSync(join(tmpdir(), "walras-dashboard-"));
const tokenFile = join(folder, "token");
writeFileSync(tokenFile, "sesame");

afterEach(async () => {
  await world?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const amounts = (cpu: string): object => ({ cpu, memory: "64Mi" });
const scenario = {
  name: "dashboard",
  nodes: [{ name: "a" }, { name: "b" }],
  pods: [
    {
      name: "busy",
      node: "a",
      labels: { "mbcas.io/managed": "true" },
      containers: [
        {
          requests: amounts("100m"),
          limits: amounts("200m"),
          load: { parallelism: 1, demand: { kind: "constant", cores: 0.5 } },
        },
      ],
    },
  ],
};

const authorization = "Bearer sesame";

async function ask(url: string, path: string): Promise<unknown> {
  const answer = await fetch(`${url}/api/${path}`, { headers: { authorization } });
  expect(answer.status).toBe(200);
  return answer.json();
}

/** Summary events of a stream, until so many have come. */
async function summaries(url: string, count: number): Promise<SummaryEvent[]> {
  const abort = new AbortController();
  const answer = await fetch(`${url}/api/events`, { headers: { authorization }, signal: abort.signal });
  const found: SummaryEvent[] = [];
  let text = "";
  for await (const piece of answer.body?.pipeThrough(new TextDecoderStream() as never) ?? []) {
    text += String(piece);
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const event of events) {
      const [, data] = /^event: summary\ndata: (.*)$/s.exec(event) ?? [];
      if (data !== undefined) found.push(summaryEvent.parse(JSON.parse(data)));
    }
    if (found.length >= count) break;
  }
  abort.abort();
  return found;
}

describe("the dashboard of a controller that runs", () => {
  it("shows the cluster, a node, a pod with its decisions, and follows", async () => {
    const flags = ["--dashboard=token", "--dashboard-port=0", `--dashboard-token-file=${tokenFile}`];
    world = await startWorld(scenario, [], undefined, flags);
    const url = `http://127.0.0.1:${world.dashboardPort}`;
    expect((await fetch(`${url}/api/summary`)).status).toBe(401);
    expect((await fetch(`${url}/api/summary`, { headers: { authorization: "Bearer guess" } })).status).toBe(401);
    const summary = async (): Promise<DashboardSummary> => dashboardSummary.parse(await ask(url, "summary"));
    await expect.poll(async () => (await summary()).strip.usedMilli, { timeout: 15_000 }).toBeGreaterThan(100);
    const { strip, cells, parts } = await summary();
    expect(parts).toEqual(["market"]);
    expect(cells.node.toSorted()).toEqual(["a", "b"]);
    expect(strip).toMatchObject({ nodes: 2, unknownNodes: 0, pods: 1, declaredMilli: 100, coreHourPrice: 0.04 });
    await expect
      .poll(async () => dashboardPod.parse(await ask(url, "pods/default/busy")).decisions.at(-1), { timeout: 15_000 })
      .toMatchObject({ cause: "MarketResized", to: { limitMilli: expect.any(Number) } });
    const node = dashboardNode.parse(await ask(url, "nodes/a"));
    expect(node.pods).toMatchObject([{ namespace: "default", name: "busy", guaranteedMilli: 100 }]);
    await expect
      .poll(async () => dashboardPod.parse(await ask(url, "pods/default/busy")).ghost.throttledSeconds, {
        timeout: 20_000,
      })
      .not.toBeNull();
    const pod = dashboardPod.parse(await ask(url, "pods/default/busy"));
    expect(pod.containers).toMatchObject([{ declaredRequestMilli: 100, declaredLimitMilli: 200 }]);
    expect(pod.points.used.at(-1)).toBeGreaterThan(100);
    expect(pod.ghost.declaredLimitMilli).toBe(200);
    expect(pod.recommendation).toContain("- name: ");
    expect(dashboardMe.parse(await ask(url, "me"))).toMatchObject({ user: null, access: "token", leader: true });
    const [whole, ...deltas] = await summaries(url, 3);
    let page = whole?.kind === "whole" ? whole : null;
    for (const delta of deltas) page = page && delta.kind === "delta" ? applyDelta(page, delta) : null;
    expect(page?.cells.node.toSorted()).toEqual(["a", "b"]);
  }, 60_000);
});
