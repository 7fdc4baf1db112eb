import { freePort } from "@walras/kit/testing";
import { expect, it } from "vitest";

import { createJob, JobController, Keda, serveBatchKinds } from "./jobs.ts";
import { eachFate, Life } from "./life.ts";
import type { Fate } from "./mortal.ts";

const eligible = { labels: { "posture/eligible": "true" } };
const scenario = {
  name: "crash",
  nodes: [
    { name: "a", ...eligible },
    { name: "b", ...eligible },
    { name: "c", ...eligible },
  ],
  pods: [],
};
const queued = 4;
const runs = 3;

/** @returns how many writes it took, and how many controllers */
async function play(fate?: Fate): Promise<{ readonly writes: number; readonly lives: number }> {
  const port = await freePort();
  const flags = ["--parts=market,batch", "--mode=off", `--batch-address=127.0.0.1:${port}`];
  const life = await Life.begin(scenario, flags, fate, async ({ api }) => {
    await serveBatchKinds(api);
    for (let job = 0; job < queued; job += 1)
      await createJob(api, { name: `queued-${job}`, labels: { app: "posture-queued" } }, true);
  });
  const { api } = life.cluster;
  const jobs = new JobController(api);
  const keda = await Keda.begin(api, "web", () => `127.0.0.1:${port}`);
  const because = `after write ${fate?.atWrite}, ${fate?.dies ? "killed" : "its answer lost"}`;
  try {
    await expect.poll(() => jobs.finished(), { timeout: 60_000, interval: 100 }).toBe(queued + runs);
    expect([...life.invariants.violations], because).toEqual([]);
    expect([life.invariants.releases.size, keda.made], because).toEqual([queued, runs]);
  } finally {
    keda.stop();
    jobs.stop();
    await life.end();
  }
  return { writes: life.writes, lives: life.lives };
}

it("whatever write a controller dies with, each job is released once, and one runs on a node", async () => {
  const { writes } = await play();
  let deaths = 0;
  // Ranks are written as long as jobs run: later runs may have fewer writes.
  const points = Math.min(writes, 20);
  await eachFate(points, 10, async (fate) => {
    const { lives } = await play(fate);
    deaths += lives - 1;
  });
  console.log(`batch: ${writes} writes, ${2 * points} points tried, ${deaths} deaths`);
  // How many ranks are written is a matter of moments, so that a late point may not be reached.
  expect(deaths).toBeGreaterThan(points / 2);
}, 400_000);
