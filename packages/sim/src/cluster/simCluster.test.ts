import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { VirtualClock } from "@walras/kit";
import { afterEach, describe, expect, it } from "vitest";

import type { KubeObject } from "../apiserver/index.ts";
import { mapsOf } from "../apiserver/objects/model.ts";
import { loadScenario } from "../scenario/index.ts";
import { countedRequests } from "./nodeAccounts.ts";
import { SimCluster } from "./simCluster.ts";
import { everything, greedy, oneNode, Opened, podNamed } from "./testing.ts";
import type { RunSummary } from "./truth.ts";

const demo = join(dirname(fileURLToPath(import.meta.url)), "../../scenarios/demo.yaml");

const opened = new Opened();
afterEach(() => opened.closeAll());

async function resize(cluster: SimCluster, name: string, requestMilli: number, limitMilli: number): Promise<void> {
  const resources = { requests: { cpu: `${requestMilli}m` }, limits: { cpu: `${limitMilli}m` } };
  await cluster.transport("test").send({
    method: "PATCH",
    path: `/api/v1/namespaces/default/pods/${name}/resize`,
    body: { spec: { containers: [{ name: "app", resources }] } },
    contentType: "application/strategic-merge-patch+json",
  });
}

describe("a simulated cluster", () => {
  it("runs every pod of the demo, spread over its nodes, each node within its allocatable", async () => {
    const { cluster } = await opened.running(loadScenario(demo), 5);
    const pods = [...cluster.api.store.all("pods")];
    expect(pods.length).toBe(36);
    expect(pods.filter((pod) => pod.status?.["phase"] === "Running").length).toBe(36);
    for (const { facts } of cluster.nodes) {
      const own = pods.filter((pod) => pod.spec?.["nodeName"] === facts.name);
      expect(own.length).toBeGreaterThanOrEqual(8);
      const requested = own.reduce((sum, pod) => sum + countedRequests(pod).cpu, 0);
      expect(requested).toBeLessThanOrEqual(facts.allocatableMilli);
    }
  });

  it("gives the same run for the same seed and another for another", async () => {
    const scenario = loadScenario(demo);
    const [first, again, other] = await Promise.all([
      opened.running(scenario, 12),
      opened.running(scenario, 12),
      opened.running({ ...scenario, seed: 43 }, 12),
    ]);
    expect(again.cluster.truth()).toEqual(first.cluster.truth());
    expect(other.cluster.summary()).not.toEqual(first.cluster.summary());
  });

  it("keeps a twin that fares as if nothing had been resized", async () => {
    const { cluster, clock } = await opened.running(oneNode(greedy("app")), 2);
    const before = cluster.summary();
    expect(before.market).toEqual(before.static);
    expect(before.static.throttledSeconds).toBeGreaterThan(0.5);
    await resize(cluster, "app", 500, 2000);
    await clock.advance(300);
    const resized = cluster.summary();
    await clock.advance(4000);
    const after = cluster.summary();
    expect(after.market.throttledSeconds).toBeCloseTo(resized.market.throttledSeconds, 6);
    expect(after.static.throttledSeconds - resized.static.throttledSeconds).toBeCloseTo(4, 1);
    expect(after.market.usedSeconds - resized.market.usedSeconds).toBeCloseTo(8, 1);
  });

  it("counts what limits allow and nobody uses", async () => {
    const idle = `{name: idle, containers: [{requests: {cpu: 500m}, limits: {cpu: 1}, load: {demand: {kind: constant, cores: 0.25}}}]}`;
    const { cluster, clock } = await opened.running(oneNode(idle), 2);
    const before = cluster.summary();
    await clock.advance(10_000);
    const slackSeconds = ({ market, elapsedSeconds }: RunSummary): number => market.meanSlackCores * elapsedSeconds;
    const grown = slackSeconds(cluster.summary()) - slackSeconds(before);
    expect(grown / 10).toBeCloseTo(0.75, 6);
    expect(cluster.summary().market.meanIdleRequestCores).toBeCloseTo(cluster.summary().market.meanSlackCores / 3, 6);
  });

  it("waits with a pod that fits nowhere until there is room", async () => {
    const { cluster, clock } = await opened.running(oneNode(`${greedy("first", "count: 4,")}, ${greedy("late")}`), 3);
    const conditions = mapsOf(podNamed(cluster, "late")?.status?.["conditions"]);
    expect(conditions).toMatchObject([{ type: "PodScheduled", status: "False", reason: "Unschedulable" }]);
    await cluster.transport("test").send({ method: "DELETE", path: "/api/v1/namespaces/default/pods/first-0" });
    await clock.advance(3000);
    expect(podNamed(cluster, "late")?.status?.["phase"]).toBe("Running");
  });

  it("still counts containers that have been restarted or are gone", async () => {
    const { cluster, clock } = await opened.running(oneNode(greedy("app")), 3);
    const before = cluster.summary();
    cluster.inject({ kind: "restartContainer", atSeconds: 0, namespace: "default", pod: "app", container: "app" });
    expect(cluster.truth().nodes[0]!.containers[0]!.market.usedUsec).toBe(0);
    expect(cluster.summary()).toEqual(before);
    await cluster.transport("test").send({ method: "DELETE", path: "/api/v1/namespaces/default/pods/app" });
    await clock.advance(3000);
    const { containers, market } = cluster.summary();
    expect(containers).toBe(0);
    expect(market.usedSeconds).toBeGreaterThanOrEqual(before.market.usedSeconds);
  });

  it("counts a deferred desire against new pods, and an infeasible one not", () => {
    const pod = (requestMilli: number, reason: string): KubeObject => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "p", uid: "u" },
      spec: { containers: [{ name: "c", resources: { requests: { cpu: `${requestMilli}m` } } }] },
      status: {
        conditions: [{ type: "PodResizePending", reason }],
        containerStatuses: [
          { name: "c", allocatedResources: { cpu: "200m" }, resources: { requests: { cpu: "300m" } } },
        ],
      },
    });
    expect(countedRequests(pod(900, "Deferred")).cpu).toBe(900);
    expect(countedRequests(pod(900, "Infeasible")).cpu).toBe(300);
    expect(countedRequests(pod(100, "Deferred")).cpu).toBe(300);
  });
});

describe("faults of a scenario", () => {
  it("happen at their times, to the right ones", async () => {
    const killed: string[] = [];
    const scenario = oneNode(
      greedy("app"),
      `faults:
  - {kind: fillNode, atSeconds: 3, node: n, request: 1, useCores: 1}
  - {kind: restartContainer, atSeconds: 4, namespace: default, pod: app, container: app}
  - {kind: killAgent, atSeconds: 5, node: n}
  - {kind: rejectCalls, atSeconds: 5, count: 1, retryAfterSeconds: 2}
  - {kind: badReports, atSeconds: 6, node: n, forSeconds: 2}`,
    );
    const clock = new VirtualClock();
    const programs = { killAgent: (node: string) => void killed.push(node), killController: () => {} };
    const cluster = new SimCluster({ scenario, clock, programs });
    opened.push(() => cluster.stop());
    await cluster.start();
    await clock.advance(4500);
    expect(podNamed(cluster, "filler-1")).toMatchObject({ spec: { nodeName: "n" }, status: { phase: "Running" } });
    expect(mapsOf(podNamed(cluster, "app")?.status?.["containerStatuses"])).toMatchObject([{ restartCount: 1 }]);
    await clock.advance(600);
    expect(killed).toEqual(["n"]);
    const list = { method: "GET", path: "/api/v1/pods" } as const;
    await expect(cluster.transport("client").send(list)).rejects.toMatchObject({ status: 429, retryAfterMs: 2000 });
    await expect(cluster.transport("client").send(list)).resolves.toMatchObject({ kind: "PodList" });
    const sampler = cluster.samplerOf("n");
    sampler.sample(everything);
    await clock.advance(2000);
    expect(sampler.sample(everything).containers.every(({ usageMilli }) => Number.isNaN(usageMilli))).toBe(true);
    await clock.advance(2000);
    expect(sampler.sample(everything).containers.some(({ usageMilli }) => Number.isNaN(usageMilli))).toBe(false);
  });
});
