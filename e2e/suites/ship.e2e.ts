import { seededRng } from "@walras/kit";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import type { PodView } from "../harness/cluster.ts";
import { startLoad } from "../harness/load.ts";
import { ShipBed } from "../harness/ship/bed.ts";
import { lastKedaError } from "../harness/ship/kedaErrors.ts";
import { LeaseLog } from "../harness/ship/leaseLog.ts";
import { crash, PodMetrics, podsOf, type ShippedPod } from "../harness/ship/shipped.ts";
import { everyPartWorks, mixedLoad } from "../harness/ship/work.ts";
import { eventually } from "../harness/wait.ts";

const minutes = Number(process.env["WALRAS_SOAK_MINUTES"] ?? "1");
const soakMs = minutes * 60_000;
/** After a leader has begun, until its heap has found its size. */
const warmUpMs = soakMs / 4;
/** A Lease that is given up is taken at the next look; one whose holder has crashed runs out first. */
const mostGapMs = { stopped: 15_000, crashed: 15_000 };
/** KEDA asks every 3 s, and its connection is made anew after a while. */
const kedaGraceMs = 20_000;

let bed: ShipBed;
let lease: LeaseLog;
const stopped = new AbortController();
let load: Promise<void> = Promise.resolve();
let round = 0;

const controllers = (): Promise<readonly ShippedPod[]> => podsOf(bed.world.stage.cluster, "walras-controller");

async function leader(): Promise<ShippedPod> {
  const all = await eventually(
    "a leader that is ready",
    controllers,
    (pods) => pods.some(({ name, ready }) => name === lease.holder && ready),
    60_000,
  );
  const found = all.find(({ name }) => name === lease.holder);
  if (found === undefined) throw new Error(`${lease.holder} has gone`);
  return found;
}

const bothReady = (): Promise<readonly ShippedPod[]> =>
  eventually("both controllers", controllers, (pods) => pods.length === 2 && pods.every(({ ready }) => ready), 90_000);

/** The leader goes; whoever follows does the work of all parts. @returns when it began */
async function takeover(count: number, end: (pod: ShippedPod) => Promise<unknown>): Promise<number> {
  await end(await leader());
  const all = await eventually(
    `takeover ${count}`,
    () => lease.takeovers(),
    (takeovers) => takeovers.length === count,
    60_000,
  );
  await everyPartWorks(bed.world, (round += 1));
  await bothReady();
  return all.at(-1)?.acquiredMs ?? NaN;
}

/** One round of all parts after another; at least one. */
async function workUntil(untilMs: number): Promise<void> {
  do await everyPartWorks(bed.world, (round += 1));
  while (Date.now() < untilMs);
}

const residentBytes = async (pod: ShippedPod): Promise<number> =>
  (await PodMetrics.of(pod)).sum("walras_resident_memory_bytes");

async function expectNoKedaErrorAfter(atMs: number): Promise<void> {
  const { cluster, namespace } = bed.world.stage;
  const last = await lastKedaError(cluster, namespace);
  expect(last === null || last.atMs <= atMs ? null : last).toBeNull();
}

beforeAll(async () => {
  if (!inject("local")) return;
  bed = await ShipBed.open();
  lease = new LeaseLog(bed.world.stage.cluster);
}, 300_000);

afterAll(async () => {
  stopped.abort();
  await load;
  await lease?.stop();
  await bed?.close();
}, 180_000);

describe.skipIf(!inject("local"))("everything as pods of the built images, all five parts at once", () => {
  it("is ready: two controllers, and an agent on each node", async () => {
    await bothReady();
    const agents = await eventually(
      "agents",
      () => podsOf(bed.world.stage.cluster, "walras-agent"),
      (pods) => pods.length === 2 && pods.every(({ ready }) => ready),
      60_000,
    );
    expect(agents.map(({ node }) => node).toSorted()).toEqual(["node1", "node2"]);
    const leading = await leader();
    await eventually(
      "both agents with the leader",
      async () => (await PodMetrics.of(leading)).sum("walras_agents"),
      (count) => count === 2,
      60_000,
    );
  });

  it("works: pods are given CPU, releases go, jobs start, pods sit on their GPUs, replicas follow an intent", async () => {
    const { stage, jobs, nodes } = bed.world;
    const pods: PodView[] = [];
    for (const [index, node] of [...nodes, ...nodes].entries()) {
      const name = `mixed-${index}`;
      const asked = { request: "50m", limit: "150m", cores: 0.1 };
      pods.push(await startLoad(stage.cluster, { namespace: stage.namespace, name, node, ...asked }));
    }
    load = mixedLoad(stage.cluster, pods, seededRng(1), stopped.signal);
    const metadata = { scalerAddress: await bed.scalerAddress(), completions: "100000" };
    await jobs.create("posture-analyzer-job-0", { seconds: 3, history: 5, metadata });
    await everyPartWorks(bed.world, round);
  }, 240_000);

  it(
    `goes on for ${minutes} minutes while its leader is ended twice: no pod is restarted, and memory stays`,
    async () => {
      const { cluster } = bed.world.stage;
      const startMs = Date.now();
      await workUntil(startMs + soakMs / 4);
      await expectNoKedaErrorAfter(startMs);
      const first = await takeover(1, ({ name }) => cluster.kubectl("-n", "walras-system", "delete", "pod", name));
      await workUntil(startMs + soakMs / 2);
      await expectNoKedaErrorAfter(first + kedaGraceMs);
      const crashed = await leader();
      const second = await takeover(2, crash);
      const leading = await leader();
      await workUntil(Date.now() + warmUpMs);
      const warmBytes = await residentBytes(leading);
      await workUntil(Math.max(Date.now() + warmUpMs, startMs + soakMs));
      const lastBytes = await residentBytes(leading);
      process.stdout.write(`${JSON.stringify({ takeovers: lease.takeovers(), warmBytes, lastBytes })}\n`);

      const [stoppedGap, crashedGap] = lease.takeovers().map(({ gapMs }) => gapMs);
      expect(stoppedGap).toBeLessThanOrEqual(mostGapMs.stopped);
      expect(crashedGap).toBeLessThanOrEqual(mostGapMs.crashed);
      expect(lease.holder).toBe(leading.name);
      await expectNoKedaErrorAfter(second + kedaGraceMs);
      expect(warmBytes).toBeGreaterThan(0);
      expect(lastBytes).toBeLessThanOrEqual(1.3 * warmBytes);
      await expectNoRestarts(crashed.name);
    },
    soakMs + 600_000,
  );

  it("is written by its leader alone", async () => {
    const leading = await leader();
    const standby = (await bothReady()).find(({ name }) => name !== leading.name);
    if (standby === undefined) throw new Error("nobody stands by");
    const [one, other] = [await PodMetrics.of(leading), await PodMetrics.of(standby)];
    expect([one.sum("walras_leader"), other.sum("walras_leader")]).toEqual([1, 0]);
    expect(one.sum("walras_writes_total")).toBeGreaterThan(0);
    expect(other.sum("walras_writes_total")).toBe(0);
    expect(one.sum("walras_api_request_seconds_count", '[^}]*verb="PATCH"[^}]*')).toBeGreaterThan(0);
    expect(other.sum("walras_api_request_seconds_count", '[^}]*verb="(?:PATCH|DELETE)"[^}]*')).toBe(0);
  });
});

/** @param crashed pod of the controller whose container was killed by the test */
async function expectNoRestarts(crashed: string): Promise<void> {
  const { cluster, namespace } = bed.world.stage;
  const shipped = [...(await controllers()), ...(await podsOf(cluster, "walras-agent"))];
  expect(shipped.filter(({ restarts }) => restarts > 0).map(({ name, restarts }) => [name, restarts])).toEqual([
    [crashed, 1],
  ]);
  const path = "jsonpath={range .items[*]}{.metadata.name} {.status.containerStatuses[*].restartCount}{'\\n'}{end}";
  const pods = (await cluster.kubectl("-n", namespace, "get", "pods", "-o", path)).split("\n").filter(Boolean);
  expect(pods.length).toBeGreaterThanOrEqual(4);
  expect(pods.filter((line) => /[1-9]\d*$/.test(line.split(" ")[1] ?? "0"))).toEqual([]);
}
