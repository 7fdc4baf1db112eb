import { intentCrd, intentResource, kpiProfileCrd, kpiProfileResource } from "@walras/api";
import { seededRng, silentLogger, VirtualClock } from "@walras/kit";
import { collectionPath, objectPath } from "@walras/kube";
import { ApiServer, inProcessTransport } from "@walras/sim/apiserver";
import { afterAll, beforeAll, expect, it } from "vitest";

import { Cluster, type ClusterScope } from "../../../base/cluster/cluster.ts";
import { StoreObserver } from "./observer.ts";
import { ProfileBook } from "./profiles.ts";
import { followForIntents } from "./stores.ts";

const clock = new VirtualClock();
const server = new ApiServer({ clock });
const kubectl = inProcessTransport(server);
let cluster: Cluster;
let scope: ClusterScope;
let observer: StoreObserver;

const post = (path: string, body: unknown): Promise<unknown> => kubectl.send({ method: "POST", path, body });

beforeAll(async () => {
  const around = { clock, rng: seededRng(1), logger: silentLogger };
  const ignore = (): void => undefined;
  const observed = { restarted: ignore, unreadable: ignore, diverged: ignore, counted: ignore };
  cluster = new Cluster({ ...around, transport: inProcessTransport(server), observer: observed });
  scope = cluster.scope();
  const stores = followForIntents(scope);
  const rules = { queries: {}, telemetryEndpoint: "http://prometheus", isAllowed: () => true, hasAgents: false };
  const hosts = { of: () => new Map() };
  observer = new StoreObserver({ stores, profiles: new ProfileBook(stores.profiles, rules), hosts });
  for (const crd of [intentCrd(), kpiProfileCrd()])
    await post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd);
  cluster.start();
  await clock.advance(1_000);
});

afterAll(async () => {
  const stopped = cluster.stop();
  await clock.advance(5_000);
  await stopped;
});

it("the API server takes the prototype's objects, fills in its defaults, and they are seen", async () => {
  const objectives = [{ name: "p95compliance", value: 4, measuredBy: "default/p95latency" }];
  const spec = { targetRef: { kind: "Deployment", name: "default/function-deployment" }, objectives };
  const metadata = { name: "my-function-intent" };
  await post(collectionPath(intentResource, "default"), { ...intentResource, metadata, spec });
  const props = { endpoint: "http://prom:9090/api/v1/query", retries: 3 };
  const profile = { type: "latency", query: "up", props };
  await post(collectionPath(kpiProfileResource, "default"), {
    ...kpiProfileResource,
    metadata: { name: "p95latency" },
    spec: profile,
  });
  await clock.advance(1_000);
  expect(scope.troubles()).toEqual([]);
  expect(observer.look(0)).toMatchObject({
    intents: [
      {
        intent: {
          name: "default/my-function-intent",
          priority: 0.01,
          active: true,
          objectives: [{ profile: "default/p95latency", target: 4, tolerance: 0 }],
        },
        target: null,
      },
    ],
    bad: [],
    profiles: new Map([["default/p95latency", { type: "latency", minimize: true }]]),
  });
  const path = objectPath(kpiProfileResource, { namespace: "default", name: "p95latency" });
  expect(await kubectl.send({ method: "GET", path })).toMatchObject({ spec: { minimize: true, props } });
});

it("the API server refuses what is beyond the prototype's limits", async () => {
  const objective = { name: "a", value: 1, measuredBy: "default/a" };
  const targetRef = { name: "default/web" };
  const wrong = [
    { targetRef, objectives: [] },
    { targetRef, objectives: Array.from({ length: 6 }, () => objective) },
    { targetRef, priority: 0, objectives: [objective] },
    { targetRef: { ...targetRef, kind: "Job" }, objectives: [objective] },
    { targetRef, objectives: [{ ...objective, tolerance: -1 }] },
  ];
  for (const spec of wrong) {
    const metadata = { name: "wrong" };
    await expect(
      post(collectionPath(intentResource, "default"), { ...intentResource, metadata, spec }),
    ).rejects.toThrow("spec.");
  }
});
