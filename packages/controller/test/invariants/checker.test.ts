import type { KubeRequest } from "@walras/kube";
import { systemClock } from "@walras/kit";
import { ApiServer, type KubeObject } from "@walras/sim/apiserver";
import { beforeEach, describe, expect, it } from "vitest";

import { Checker } from "./checker.ts";
import { effectiveMilli, qosOf } from "./effective.ts";

let api: ApiServer;
let checker: Checker;
/** What the machines do. */
let world: { nowMs: number; usedUpMs: number; silentSinceMs: number | null };

const container = (name: string, request: string, limit: string, more: object = {}): object => ({
  name,
  resources: { requests: { cpu: request }, limits: { cpu: limit } },
  ...more,
});

function podOf(spec: object, status: object = {}, metadata: object = {}): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "one", namespace: "default", uid: "u", ...metadata },
    spec: { nodeName: "a", ...spec },
    status: { phase: "Running", qosClass: "Burstable", ...status },
  };
}

function lease(holderIdentity: string, leaseTransitions = 1): void {
  api.store.put("leases.coordination.k8s.io", {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: "walras-controller", namespace: "walras-system" },
    spec: { holderIdentity, leaseTransitions },
  });
}

function resize(request: string, limit: string | null): KubeRequest {
  const limits = limit === null ? {} : { limits: { cpu: limit } };
  const containers = [{ name: "app", resources: { requests: { cpu: request }, ...limits } }];
  const path = "/api/v1/namespaces/default/pods/one/resize";
  return { method: "PATCH", path, body: { metadata: { uid: "u" }, spec: { containers } } };
}

const managed = { labels: { "mbcas.io/managed": "true" } };
const found = (): string[] => [...checker.violations.keys()].map((text) => text.split(":")[0]!);

beforeEach(() => {
  api = new ApiServer({ clock: systemClock });
  world = { nowMs: 100_000, usedUpMs: -Infinity, silentSinceMs: null };
  const status = { allocatable: { cpu: "1" } };
  api.store.put("nodes", { apiVersion: "v1", kind: "Node", metadata: { name: "a", uid: "n" }, status });
  lease("me");
  checker = new Checker(api, {
    nowMs: () => world.nowMs,
    usedUpMs: () => world.usedUpMs,
    silentSinceMs: () => world.silentSinceMs,
    deafUntilMs: () => -Infinity,
    standsStill: () => false,
    latencyMs: 0,
  });
  api.store.put("pods", podOf({ containers: [container("app", "200m", "400m")] }, {}, managed));
});

describe("a pod counts as Kubernetes documents it", () => {
  const sidecar = { restartPolicy: "Always" };
  const init = [
    container("early", "50m", "1", sidecar),
    container("migrate", "700m", "1"),
    container("late", "20m", "1", sidecar),
  ];
  const app = [container("app", "300m", "400m")];

  it.each<[string, object, object, number]>([
    ["what runs together", { containers: [...app, container("proxy", "100m", "1")] }, {}, 400],
    ["its start, with the sidecars before it, for its whole life", { containers: app, initContainers: init }, {}, 750],
    ["the overhead of its runtime on top", { containers: app, overhead: { cpu: "60m" } }, {}, 360],
    ["the pod as a whole in place of that", { containers: app, resources: { requests: { cpu: "900m" } } }, {}, 900],
    ["nothing once it is over", { containers: app }, { phase: "Succeeded" }, 0],
    [
      "the most of desired, allocated and actual",
      { containers: app },
      { containerStatuses: [{ name: "app", allocatedResources: { cpu: "350m" } }] },
      350,
    ],
    [
      "what is allocated where the rest is infeasible",
      { containers: app },
      {
        containerStatuses: [{ name: "app", allocatedResources: { cpu: "100m" } }],
        conditions: [{ type: "PodResizePending", status: "True", reason: "Infeasible" }],
      },
      100,
    ],
  ])("%s", (_, spec, status, milli) => {
    expect(effectiveMilli(podOf(spec, status))).toBe(milli);
  });

  it("and has the class that its CPU and memory give it", () => {
    const both = { cpu: "1", memory: "1Gi" };
    const of = (resources: object): string => qosOf(podOf({ containers: [{ name: "app", resources }] }));
    expect([of({}), of({ limits: both }), of({ requests: { cpu: "1" } })]).toEqual([
      "BestEffort",
      "Guaranteed",
      "Burstable",
    ]);
  });
});

describe("the checker finds", () => {
  it("nothing where nothing is wrong", () => {
    checker.sent("me", resize("300m", "600m"))(200);
    expect([found(), checker.checks > 5]).toEqual([[], true]);
  });

  it("a node that is sold twice, by what is on its way as well", () => {
    const other = { metadata: { name: "two", namespace: "default", uid: "v", ...managed } };
    api.store.put("pods", { ...podOf({ containers: [container("app", "500m", "1")] }), ...other });
    checker.sent("me", resize("480m", "600m"));
    expect(found()).toEqual([]);
    const path = "/api/v1/namespaces/default/pods/two/resize";
    const body = { metadata: { uid: "v" }, spec: { containers: [container("app", "550m", "1")] } };
    checker.sent("me", { method: "PATCH", path, body });
    expect(found()).toEqual(["1"]);
  });

  it("a write by who does not lead, and two in one epoch", () => {
    checker.sent("me", resize("300m", "600m"))(200);
    checker.sent("other", { method: "POST", path: "/apis/events.k8s.io/v1/namespaces/default/events" });
    expect(found()).toEqual(["6", "6"]);
    lease("other", 2);
    checker.sent("other", resize("310m", "600m"))(200);
    expect(found()).toHaveLength(2);
  });

  it.each<[string, string, string | null, string]>([
    ["a request above its limit", "500m", "450m", "shape"],
    ["a limit below what was declared on a node with room", "200m", "390m", "limit"],
  ])("%s", (_, request, limit, kind) => {
    checker.sent("me", resize(request, limit));
    expect(found()).toEqual([kind]);
  });

  it("no such cut while the node is used up, and any while it is silent", () => {
    world.usedUpMs = world.nowMs - 1_000;
    checker.sent("me", resize("200m", "390m"))(200);
    expect(found()).toEqual([]);
    world.silentSinceMs = world.nowMs - 20_000;
    checker.sent("me", resize("150m", "400m"));
    expect(found()).toEqual(["4"]);
  });

  it("a resize of who left the market, unless it gives back what was declared", () => {
    checker.sent("me", resize("300m", "600m"));
    api.store.put("pods", podOf({ containers: [container("app", "300m", "600m")] }, {}, managed));
    const left = { labels: { "mbcas.io/managed": "false" } };
    api.store.put("pods", podOf({ containers: [container("app", "300m", "600m")] }, {}, left));
    checker.sent("me", resize("200m", "400m"));
    expect(found()).toEqual([]);
    checker.sent("me", resize("250m", "500m"));
    expect(found()).toEqual(["opt-in"]);
  });

  it("a change of class", () => {
    api.store.put(
      "pods",
      podOf({ containers: [container("app", "200m", "400m")] }, { qosClass: "Guaranteed" }, managed),
    );
    expect(found()).toEqual(["3"]);
  });
});
