import { readFileSync } from "node:fs";
import { join } from "node:path";

import { systemClock, VirtualClock } from "@walras/kit";
import { HttpTransport, loadEndpoint, resizePod } from "@walras/kube";
import { sampleOnce } from "@walras/node-agent";
import { afterEach, describe, expect, it, vi } from "vitest";

import { parseScenario } from "../scenario/index.ts";
import { SimCluster } from "./simCluster.ts";
import { everything, greedy, oneNode, Opened, podNamed } from "./testing.ts";

const opened = new Opened();
afterEach(() => opened.closeAll());

describe("what an agent sees", () => {
  it("is the model's own numbers where there are no files", async () => {
    const { cluster, clock } = await opened.running(oneNode(greedy("app")), 2);
    const sampler = cluster.samplerOf("n");
    expect(sampler.sample(everything).containers).toEqual([]);
    await clock.advance(1000);
    const { containers, node, windowMs } = sampler.sample(everything);
    expect(windowMs).toBe(1000);
    expect(containers).toMatchObject([
      {
        runtime: "containerd",
        usageMilli: 1000,
        throttledRatio: 1,
        throttledMilli: 1000,
        pressureRatio: 1,
        quotaMilli: 1000,
      },
    ]);
    expect(node.busyFraction).toBeCloseTo(0.5);
    expect(sampler.sample({ ...everything, podUidOf: new Map() }).containers).toEqual([]);
  });

  it.each([
    ["v2", "systemd", "containerd"],
    ["v2", "systemd", "cri-o"],
    ["v2", "cgroupfs", "docker"],
    ["v1", "cgroupfs", "containerd"],
    ["v1", "systemd", "docker"],
  ])("is the truth, read by the real agent from %s files of %s and %s", async (cgroup, driver, runtime) => {
    const directory = opened.scratch();
    const scenario = parseScenario(
      `name: t
seed: 3
nodes: [{name: n, cores: 4, cgroup: ${cgroup}, driver: ${driver}, runtime: ${runtime}}]
pods:
  - name: app
    containers: [{requests: {cpu: 200m}, limits: {cpu: 300m}, load: {demand: {kind: constant, cores: 0.6}}}]
  - name: free
    containers: [{requests: {cpu: 200m}, load: {demand: {kind: constant, cores: 0.25}}}]`,
      "t",
    );
    const clock = new VirtualClock();
    const cluster = new SimCluster({ scenario, clock, directory });
    opened.push(() => cluster.stop());
    await cluster.start();
    await clock.advance(3050);
    const [node] = cluster.nodes;
    const sampling = sampleOnce({ ...node!.paths!, forMs: 2000, clock });
    for (let step = 0; step < 10; step += 1) await clock.advance(500);
    const { containers } = await sampling;
    const truth = cluster.truth().nodes[0]!.containers;
    const idOf = (pod: string): string => truth.find((one) => one.pod === pod)!.containerId;
    const byId = new Map(containers.map((one) => [one.containerID, one]));
    expect([...byId.keys()].toSorted((one, other) => one.localeCompare(other))).toEqual(
      truth.map(({ containerId }) => containerId).toSorted((one, other) => one.localeCompare(other)),
    );
    expect(byId.get(idOf("app"))).toMatchObject({ quotaMilli: 300, throttledRatio: 1 });
    expect(byId.get(idOf("app"))!.usageMilli).toBeCloseTo(300, 0);
    expect(byId.get(idOf("free"))).toMatchObject({ quotaMilli: null });
    expect(byId.get(idOf("free"))!.usageMilli).toBeCloseTo(250, 0);
  });

  it("comes with a token that proves which node it is on", async () => {
    const directory = opened.scratch();
    const { cluster } = await opened.running(oneNode(greedy("app")), 0, directory);
    const token = readFileSync(cluster.nodes[0]!.paths!.tokenFile, "utf8").trim();
    const review = await cluster.transport("controller").send({
      method: "POST",
      path: "/apis/authentication.k8s.io/v1/tokenreviews",
      body: {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenReview",
        spec: { token, audiences: ["walras-controller"] },
      },
    });
    expect(review).toMatchObject({
      status: { authenticated: true, user: { extra: { "authentication.kubernetes.io/node-name": ["n"] } } },
    });
  });

  it("changes with a resize over HTTP by the kubeconfig, in real time", async () => {
    const directory = opened.scratch();
    const clock = systemClock;
    const cluster = new SimCluster({ scenario: oneNode(greedy("app")), clock, directory });
    opened.push(() => cluster.stop());
    await cluster.start();
    const monotonicMs = (): number => clock.monotonicMs();
    const endpoint = await loadEndpoint(cluster.kubeconfigPath!, monotonicMs);
    const transport = new HttpTransport({ endpoint, userAgent: "test", monotonicMs });
    opened.push(() => transport.close());
    await vi.waitUntil(() => podNamed(cluster, "app")?.status?.["phase"] === "Running", {
      timeout: 3000,
      interval: 20,
    });
    const [{ podUid, containerId } = { podUid: "", containerId: "" }] = cluster.truth().nodes[0]!.containers;
    const pod = `kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${podUid.replaceAll("-", "_")}.slice`;
    const quota = (): string =>
      readFileSync(
        join(cluster.nodes[0]!.paths!.cgroupRoot, pod, `cri-containerd-${containerId}.scope/cpu.max`),
        "utf8",
      );
    expect(quota()).toBe("100000 100000\n");
    const limitTo = (limitMilli: number): Promise<unknown> => {
      const containers = [{ name: "app", requestMilli: 500, limitMilli }];
      return resizePod(transport, { namespace: "default", name: "app", uid: podUid }, containers, "walras");
    };
    for (const limitMilli of [1200, 1500]) {
      await limitTo(limitMilli);
      await vi.waitUntil(() => quota() === `${limitMilli}00 100000\n`, { timeout: 10_000, interval: 2 });
    }
  });
});
