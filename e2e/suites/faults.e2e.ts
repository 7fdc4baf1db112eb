import { parseCpu } from "@walras/kit";
import { createObject } from "@walras/kube";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";

import type { PodView } from "../harness/cluster.ts";
import { setCores, startLoad } from "../harness/load.ts";
import type { ControllerProgram, Program } from "../harness/programs.ts";
import { allocatableMilli, RequestWatch } from "../harness/requests.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually, pause } from "../harness/wait.ts";

const node = "node1";
let stage: Stage;
let running: Program[] = [];

async function controller(args: { mode?: string } = {}): Promise<ControllerProgram> {
  const program = await stage.programs.startController(args);
  running.push(program);
  return program;
}

async function agent(...controllers: readonly ControllerProgram[]): Promise<Program> {
  const program = await stage.programs.startAgent(node, controllers);
  running.push(program);
  return program;
}

async function gauge(program: ControllerProgram, name: string): Promise<number> {
  const line = new RegExp(`^${name} (\\S+)$`, "m").exec(await program.metrics().catch(() => ""));
  return Number(line?.[1] ?? NaN);
}

function enforced(pod: PodView): { request: number; limit: number } {
  const { requests, limits } = pod.status?.containerStatuses?.[0]?.resources ?? {};
  return { request: parseCpu(requests?.cpu ?? "0", "request"), limit: parseCpu(limits?.cpu ?? "0", "limit") };
}

async function limitOf(name: string): Promise<number> {
  return enforced(await stage.cluster.pod(stage.namespace, name)).limit;
}

async function outcomeOf(name: string): Promise<string> {
  const status = (await stage.cluster.allocation(stage.namespace, name))?.status;
  return `${status?.phase ?? ""} ${status?.reason ?? ""}`;
}

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("faults");
});
afterAll(() => stage?.close());
beforeEach(() => {
  running = [];
});
afterEach(async () => {
  for (const program of running) await program.kill("SIGKILL");
  await stage.cluster.kubectl("-n", stage.namespace, "delete", "pods", "--all", "--force", "--grace-period=0");
  await stage.cluster.kubectl("-n", "walras-system", "delete", "lease", "walras-controller", "--ignore-not-found");
});

describe.skipIf(!inject("local"))("when a controller is killed while it applies", () => {
  it("pods keep what they have, and its successor goes on from there without loss", async () => {
    const { cluster, namespace } = stage;
    const first = await controller();
    await agent(first);
    const names = ["one", "two", "three"];
    const pods = await Promise.all(
      names.map((name) => startLoad(cluster, { namespace, name, node, cores: 0.3, request: "20m", limit: "60m" })),
    );
    await eventually(
      "the first raise",
      async () => Promise.all(names.map(limitOf)),
      (limits) => limits.some((limit) => limit > 60),
    );
    await first.kill("SIGKILL");
    // What the API server had taken already still arrives.
    await pause(1_000);
    const left = await Promise.all(names.map(limitOf));
    await pause(3_000);
    expect(await Promise.all(names.map(limitOf))).toEqual(left);

    const second = await controller();
    await agent(second);
    await eventually(
      "the successor to lead",
      () => gauge(second, "walras_leader"),
      (leads) => leads === 1,
      40_000,
    );
    await eventually(
      "every raise",
      async () => Promise.all(names.map(limitOf)),
      (limits) => limits.every((limit) => limit >= 250),
      40_000,
    );
    for (const pod of pods) {
      const allocation = await cluster.allocation(namespace, pod.metadata.name);
      expect(allocation?.spec.containers?.[0]).toMatchObject({ declaredCPURequest: "20m", declaredCPULimit: "60m" });
      expect((await cluster.pod(namespace, pod.metadata.name)).status?.containerStatuses?.[0]?.restartCount).toBe(0);
    }
  });
});

describe.skipIf(!inject("local"))("when two controllers run", () => {
  it("one leads, and the other takes over when it is gone, with a higher epoch", async () => {
    const { cluster, namespace } = stage;
    const first = await controller();
    await eventually(
      "the first to lead",
      () => gauge(first, "walras_leader"),
      (leads) => leads === 1,
    );
    const second = await controller();
    await agent(first, second);
    await eventually(
      "the agent to find the leader",
      () => gauge(first, "walras_agents"),
      (agents) => agents === 1,
    );
    expect(await gauge(second, "walras_leader")).not.toBe(1);
    await startLoad(cluster, { namespace, name: "led", node, cores: 0.3, request: "20m", limit: "60m" });
    await eventually(
      "a raise",
      () => limitOf("led"),
      (limit) => limit > 200,
    );
    const epoch = await gauge(first, "walras_leader_epoch");
    await first.kill("SIGKILL");
    await eventually(
      "the second to lead",
      () => gauge(second, "walras_leader"),
      (leads) => leads === 1,
      40_000,
    );
    expect(await gauge(second, "walras_leader_epoch")).toBeGreaterThan(epoch);
    await eventually(
      "the agent to follow",
      () => gauge(second, "walras_agents"),
      (agents) => agents === 1,
      40_000,
    );
  });
});

describe.skipIf(!inject("local"))("when an agent is killed", () => {
  it("its pods hold, users are told, and a new agent goes on", async () => {
    const { cluster, namespace } = stage;
    const leader = await controller();
    const first = await agent(leader);
    const pod = await startLoad(cluster, { namespace, name: "held", node, cores: 0.4, request: "20m", limit: "60m" });
    const limit = await eventually(
      "a raise",
      () => limitOf("held"),
      (milli) => milli >= 350,
    );
    await first.kill("SIGKILL");
    await setCores(cluster, pod, 0);
    await pause(8_000);
    expect(await limitOf("held")).toBeGreaterThanOrEqual(limit);
    await eventually(
      "an Event",
      () => cluster.eventReasons("default", node),
      (reasons) => reasons.includes("AgentSilent"),
    );
    await agent(leader);
    await eventually(
      "a cut",
      () => limitOf("held"),
      (milli) => milli < limit,
      60_000,
    );
  });
});

describe.skipIf(!inject("local"))("when the control plane fails", () => {
  it("the controller outlives an API server that is killed", async () => {
    const { cluster, namespace } = stage;
    const plane = cluster.target.controlPlane;
    if (!plane) return;
    const leader = await controller();
    await agent(leader);
    const pod = await startLoad(cluster, {
      namespace,
      name: "outlives",
      node,
      cores: 0.2,
      request: "20m",
      limit: "60m",
    });
    const before = await eventually(
      "a raise",
      () => limitOf("outlives"),
      (milli) => milli >= 180,
    );
    await plane.killApiServer();
    await setCores(cluster, pod, 0.6);
    await pause(2_000);
    await plane.startApiServer();
    await eventually(
      "a raise after the fault",
      () => limitOf("outlives").catch(() => 0),
      (milli) => milli > before + 200,
      60_000,
    );
    expect((await cluster.pod(namespace, "outlives")).status?.containerStatuses?.[0]?.restartCount).toBe(0);
  });

  it("nothing is lost when etcd stands still for 10 s", async () => {
    const { cluster, namespace } = stage;
    const plane = cluster.target.controlPlane;
    if (!plane) return;
    const first = await controller();
    const second = await controller();
    await agent(first, second);
    const pod = await startLoad(cluster, { namespace, name: "still", node, cores: 0.2, request: "20m", limit: "60m" });
    const before = await eventually(
      "a raise",
      () => limitOf("still"),
      (milli) => milli >= 180,
      40_000,
    );
    await plane.pauseEtcd(10_000);
    await setCores(cluster, pod, 0.6);
    await eventually(
      "a raise after the fault",
      () => limitOf("still").catch(() => 0),
      (milli) => milli > before + 200,
      60_000,
    );
  });
});

describe.skipIf(!inject("local"))("resizes that cannot be", () => {
  it("a deferred one is waited for, then its request is given up", async () => {
    const { cluster, namespace } = stage;
    const leader = await controller();
    await agent(leader);
    await startLoad(cluster, { namespace, name: "grows", node, cores: 0.05, request: "100m", limit: "2" });
    const free = (await allocatableMilli(cluster, node)) - (await new RequestWatch(cluster, node).countedMilli());
    await startLoad(cluster, {
      namespace,
      name: "filler",
      node,
      cores: 0,
      request: `${free - 200}m`,
      labels: { "mbcas.io/managed": "false" },
    });
    const asked = JSON.stringify({
      spec: { containers: [{ name: "app", resources: { requests: { cpu: "1500m" } } }] },
    });
    await cluster.kubectl("-n", namespace, "patch", "pod", "grows", "--subresource=resize", "--patch", asked);
    await eventually(
      "Deferred",
      () => outcomeOf("grows"),
      (outcome) => outcome === "Pending Deferred",
      20_000,
    );
    await eventually(
      "Applied",
      () => outcomeOf("grows"),
      (outcome) => outcome === "Applied Applied",
      40_000,
    );
    expect(enforced(await cluster.pod(namespace, "grows")).request).toBeLessThanOrEqual(300);
    expect(await cluster.eventReasons(namespace, "grows")).toContain("MarketResizeDeferred");
  });

  it("one that a LimitRange refuses is told and not repeated", async () => {
    const { cluster, namespace } = stage;
    const limitRange = { apiVersion: "v1", kind: "LimitRange", plural: "limitranges", namespaced: true };
    await createObject(cluster.transport, limitRange, namespace, {
      metadata: { name: "small" },
      spec: { limits: [{ type: "Container", max: { cpu: "150m" } }] },
    });
    const leader = await controller();
    await agent(leader);
    await startLoad(cluster, { namespace, name: "ranged", node, cores: 0.5, request: "20m", limit: "100m" });
    await eventually(
      "the refusal",
      () => outcomeOf("ranged"),
      (outcome) => outcome === "Failed LimitRange",
    );
    expect(await limitOf("ranged")).toBe(100);
    await eventually(
      "an Event",
      () => cluster.eventReasons(namespace, "ranged"),
      (reasons) => reasons.includes("MarketResizeRefused"),
    );
    const refusals = /walras_resize_refusals_total\{reason="LimitRange"\} (\d+)/;
    await pause(4_000);
    expect(Number(refusals.exec(await leader.metrics())?.[1])).toBe(1);
    await cluster.kubectl("-n", namespace, "delete", "limitrange", "small");
  });

  it("one that a ResourceQuota refuses is told", async () => {
    const { cluster, namespace } = stage;
    const quota = { apiVersion: "v1", kind: "ResourceQuota", plural: "resourcequotas", namespaced: true };
    await createObject(cluster.transport, quota, namespace, {
      metadata: { name: "few" },
      spec: { hard: { "limits.cpu": "150m" } },
    });
    const leader = await controller();
    await agent(leader);
    await startLoad(cluster, { namespace, name: "metered", node, cores: 0.5, request: "20m", limit: "100m" });
    await eventually(
      "the refusal",
      () => outcomeOf("metered"),
      (outcome) => outcome === "Failed QuotaExceeded",
    );
    await cluster.kubectl("-n", namespace, "delete", "resourcequota", "few");
  });
});

describe.skipIf(!inject("local"))("pods at the edges of QoS", () => {
  it("stay in their class, or are left alone with the reason", async () => {
    const { cluster, namespace } = stage;
    const leader = await controller();
    await agent(leader);
    const load = { namespace, node, cores: 0.3 };
    await startLoad(cluster, { ...load, name: "guaranteed", request: "100m", limit: "100m", memory: "32Mi" });
    await startLoad(cluster, { ...load, name: "equal", request: "100m", limit: "100m" });
    await startLoad(cluster, { ...load, name: "unlimited", request: "50m" });
    const best = { metadata: { name: "best", labels: { "mbcas.io/managed": "true" } } };
    await cluster.create({ apiVersion: "v1", kind: "Pod", plural: "pods", namespaced: true }, namespace, {
      ...best,
      spec: {
        nodeName: node,
        terminationGracePeriodSeconds: 0,
        containers: [{ name: "app", image: cluster.target.loadImage, args: ["0.1"], imagePullPolicy: "IfNotPresent" }],
      },
    });
    await eventually(
      "BestEffort left alone",
      () => outcomeOf("best"),
      (outcome) => outcome === "Pending BestEffort",
    );
    await eventually(
      "Guaranteed raised",
      () => cluster.pod(namespace, "guaranteed"),
      (pod) => enforced(pod).limit > 250,
    );
    await eventually(
      "equal raised",
      () => cluster.pod(namespace, "equal"),
      (pod) => enforced(pod).limit > 250,
    );
    await eventually(
      "the unlimited one's request raised",
      () => cluster.pod(namespace, "unlimited"),
      (pod) => enforced(pod).request > 150,
    );
    const guaranteed = await cluster.pod(namespace, "guaranteed");
    expect(enforced(guaranteed).request).toBe(enforced(guaranteed).limit);
    expect(guaranteed.status?.qosClass).toBe("Guaranteed");
    expect(
      (await cluster.pod(namespace, "unlimited")).status?.containerStatuses?.[0]?.resources?.limits,
    ).toBeUndefined();
    expect((await cluster.pod(namespace, "best")).status?.qosClass).toBe("BestEffort");
  });
});

describe.skipIf(!inject("local"))("a more careful mode", () => {
  it("recommend writes what it would do and resizes nothing", async () => {
    const { cluster, namespace } = stage;
    const leader = await controller({ mode: "recommend" });
    await agent(leader);
    await startLoad(cluster, { namespace, name: "advised", node, cores: 0.4, request: "50m", limit: "100m" });
    const allocation = await eventually(
      "advice",
      () => cluster.allocation(namespace, "advised"),
      (found) => parseCpu(found?.spec.desiredCPULimit ?? "0", "limit") > 300,
    );
    expect(allocation?.status).toMatchObject({ phase: "Pending", reason: "Recommended" });
    expect(await limitOf("advised")).toBe(100);
  });
});
