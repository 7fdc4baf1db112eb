import {
  creationProfileCrd,
  creationProfileName,
  type CreationProfileSpec,
  workloadProfileResource,
} from "@walras/api";
import type { SimCluster } from "@walras/sim";
import { collectionPath } from "@walras/kube";
import type { KubeObject } from "@walras/sim/apiserver";
import { loadAnnotation } from "@walras/sim/workload";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { ContainerHistory } from "../src/parts/market/remember/history.ts";
import { defaultRememberPolicy } from "../src/parts/market/remember/policy.ts";
import { profileSpec } from "../src/parts/market/remember/profile.ts";
import { Kubectl } from "./kubectl.ts";
import { startWorld, type World } from "./world.ts";

const minuteMs = 60_000;
const patience = { timeout: 60_000, interval: 100 };
let world: World | undefined;
let kubectl: Kubectl;

afterEach(() => world?.stop());

/** A pod of a Deployment as admission has left it: it declared 400m/800m, and was given 100m. */
async function createSized(cluster: SimCluster, deployment: string, cores: number): Promise<void> {
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: `${deployment}-7f9c`, uid: `rs-${deployment}` };
  const load = { parallelism: 2, demand: { kind: "constant", cores } };
  const metadata = {
    name: deployment,
    labels: { "mbcas.io/managed": "true", "pod-template-hash": "7f9c" },
    annotations: { [loadAnnotation("app")]: JSON.stringify(load) },
    ownerReferences: [{ ...owner, controller: true }],
  };
  const resources = { requests: { cpu: "100m", memory: "64Mi" }, limits: { cpu: "800m", memory: "64Mi" } };
  const spec = { nodeName: "n", containers: [{ name: "app", image: "local/load:1", resources }] };
  await new Kubectl(cluster).create("/api/v1/namespaces/default/pods", {
    apiVersion: "v1",
    kind: "Pod",
    metadata,
    spec,
  });
  // Whoever creates it is entered before admission adds what nobody manages.
  const { store } = cluster.api;
  const pod = store.get("pods", "default", deployment);
  if (!pod) throw new Error("there is no pod");
  const annotations = { ...pod.metadata.annotations, "mbcas.io/declared": "app=400m/100m" };
  store.put("pods", { ...pod, metadata: { ...pod.metadata, annotations } });
}

/** What a day and a half of sleep leaves behind. */
async function remember(cluster: SimCluster, deployment: string): Promise<void> {
  const nowMs = Date.now();
  const history = new ContainerHistory(defaultRememberPolicy);
  for (let minute = 36 * 60; minute > 0; minute -= 1)
    history.learn({ milli: 12, minutes: 1 }, nowMs - minute * minuteMs);
  const workload = { kind: "Deployment", name: deployment };
  const spec = profileSpec({ workload, seenMs: nowMs, containers: new Map([["app", history]]) }, defaultRememberPolicy);
  const { apiVersion, kind } = workloadProfileResource;
  const metadata = { name: `deployment-${deployment}` };
  await new Kubectl(cluster).create(collectionPath(workloadProfileResource, "default"), {
    apiVersion,
    kind,
    metadata,
    spec,
  });
}

function creation(): (KubeObject & { readonly spec: CreationProfileSpec }) | undefined {
  const found = world?.cluster.api.store.get("creationprofiles.allocation.mbcas.io", "default", creationProfileName);
  return found as ReturnType<typeof creation>;
}

function declared(pod: string): unknown {
  const containers = kubectl.allocation(pod)?.spec?.["containers"] as { declaredCPURequest: string }[] | undefined;
  return containers?.[0]?.declaredCPURequest;
}

describe("a pod that was sized at its creation", { timeout: 120_000 }, () => {
  beforeEach(async () => {
    const before = async (cluster: SimCluster): Promise<void> => {
      const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
      await new Kubectl(cluster).create(definitions, creationProfileCrd());
      for (const deployment of ["sleeper", "waker"]) {
        await remember(cluster, deployment);
        await createSized(cluster, deployment, deployment === "waker" ? 0.6 : 0.01);
      }
    };
    world = await startWorld({ name: "new", nodes: [{ name: "n" }], pods: [] }, [], before, ["--size-new-pods"]);
    kubectl = new Kubectl(world.cluster);
  });

  it("is on record with what it declared, has it back where it needs it, and keeps to its size where not", async () => {
    await expect.poll(() => [declared("sleeper"), declared("waker")], patience).toEqual(["400m", "400m"]);
    await expect.poll(() => kubectl.cpu("waker").split("/")[0], patience).toBe("400m");
    expect(kubectl.cpu("sleeper")).toBe("100m/800m");
    expect(kubectl.pod("sleeper")?.metadata.generation).toBe(1);
    await kubectl.labelPod("sleeper", { "mbcas.io/managed": "false" });
    await expect.poll(() => kubectl.cpu("sleeper"), patience).toBe("400m/800m");
  });

  it("is followed by others that are sized by the same, until an autoscaler divides by its request", async () => {
    await expect.poll(() => Object.keys(creation()?.spec.workloads ?? {}), patience).toContain("Deployment/sleeper");
    const app = creation()?.spec.workloads["Deployment/sleeper"]?.["app"];
    expect(app).toMatchObject({ trustPercent: 100 });
    expect(app?.habitMilli).toBeLessThan(20);
    await kubectl.create("/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers", {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "sleeper" },
      spec: { scaleTargetRef: { kind: "Deployment", name: "sleeper" }, maxReplicas: 3 },
    });
    await expect.poll(() => kubectl.cpu("sleeper"), patience).toBe("400m/800m");
    await expect.poll(() => Object.keys(creation()?.spec.workloads ?? {}), patience).toEqual(["Deployment/waker"]);
  });
});
