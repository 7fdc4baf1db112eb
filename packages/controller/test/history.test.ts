import { get } from "node:http";

import { afterEach, expect, it } from "vitest";

import { startWorld, type World } from "./world.ts";

let world: World | undefined;

afterEach(async () => {
  await world?.stop();
});

const amounts = (cpu: string): object => ({ cpu, memory: "64Mi" });
const busy = { parallelism: 1, demand: { kind: "constant", cores: 0.5 } };
const scenario = {
  name: "history",
  nodes: [{ name: "a" }],
  pods: [
    {
      name: "busy",
      node: "a",
      labels: { "mbcas.io/managed": "true" },
      containers: [{ requests: amounts("100m"), limits: amounts("200m"), load: busy }],
    },
  ],
};

it("a resize is in the history with its numbers, and a stream goes on with the next", async () => {
  world = await startWorld(scenario);
  const { opsUrl } = world;
  interface Page {
    readonly entries: readonly { readonly id: number; readonly verdict: string; readonly numbers: object }[];
  }
  const ask = async (query: string): Promise<Page> =>
    (await (await fetch(`${opsUrl}/history?${query}`)).json()) as Page;
  await expect
    .poll(async () => (await ask("part=market&kind=Pod")).entries.at(-1), { timeout: 15_000 })
    .toMatchObject({ verdict: "MarketResized", numbers: { fromLimitMilli: expect.any(Number) } });
  const [first] = (await ask("part=market&limit=1000")).entries;
  const text = await new Promise<string>((resolve, reject) => {
    const headers = { accept: "text/event-stream", "last-event-id": String((first?.id ?? 1) - 1) };
    const request = get(`${opsUrl}/history?part=market`, { headers }, (answer) => {
      answer.once("data", (chunk: Buffer) => {
        resolve(chunk.toString());
        request.destroy();
      });
    });
    request.on("error", reject);
  });
  expect(text).toMatch(new RegExp(`^id: ${first?.id}\\ndata: \\{"part":"market"`));
  expect((await fetch(`${opsUrl}/history?since=soon`)).status).toBe(400);
});
