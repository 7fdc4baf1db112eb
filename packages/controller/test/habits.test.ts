import { type SimCluster } from "@walras/sim";
import { workloadProfileResource } from "@walras/api";
import { collectionPath, type KubeObject } from "@walras/kube";
import { loadAnnotation } from "@walras/sim/workload";
import { afterEach, expect, it } from "vitest";

import { ContainerHistory } from "../src/parts/market/remember/history.ts";
import { defaultRememberPolicy } from "../src/parts/market/remember/policy.ts";
import { profileSpec } from "../src/parts/market/remember/profile.ts";
import { Life } from "./crash/life.ts";

const minuteMs = 60_000;
const patience = { timeout: 100_000, interval: 200 };
const workload = { kind: "Deployment", name: "sleeper" };
let life: Life | undefined;

afterEach(() => life?.end());

/** A pod of the ReplicaSet of a Deployment, which hardly uses anything. */
function podOf(deployment: string, node: string): object {
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: `${deployment}-7f9c`, uid: `rs-${deployment}` };
  const load = { parallelism: 1, demand: { kind: "constant", cores: 0.01 } };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `${deployment}-7f9c-x2x`,
      labels: { "mbcas.io/managed": "true", "pod-template-hash": "7f9c" },
      annotations: { [loadAnnotation("app")]: JSON.stringify(load) },
      ownerReferences: [{ ...owner, controller: true }],
    },
    spec: {
      nodeName: node,
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: "app",
          image: "local/load:1",
          resources: { requests: { cpu: "400m", memory: "64Mi" }, limits: { cpu: "800m", memory: "64Mi" } },
        },
      ],
    },
  };
}

/** What a day and a half of sleep leaves behind. */
function sleptProfile(nowMs: number): object {
  const history = new ContainerHistory(defaultRememberPolicy);
  for (let minute = 36 * 60; minute > 0; minute -= 1)
    history.learn({ milli: 12, minutes: 1 }, nowMs - minute * minuteMs);
  const whole = { workload, seenMs: nowMs, containers: new Map([["app", history]]) };
  return profileSpec(whole, defaultRememberPolicy);
}

async function prepare(cluster: SimCluster): Promise<void> {
  const transport = cluster.transport("test");
  const post = (path: string, body: object): Promise<unknown> => transport.send({ method: "POST", path, body });
  const { apiVersion, kind } = workloadProfileResource;
  const metadata = { name: "deployment-sleeper" };
  const spec = sleptProfile(Date.now());
  await post(collectionPath(workloadProfileResource, "default"), { apiVersion, kind, metadata, spec });
  for (const name of ["sleeper", "stranger"]) await post("/api/v1/namespaces/default/pods", podOf(name, "n"));
}

function requestOf(cluster: SimCluster, deployment: string): string | undefined {
  const pod = cluster.api.store.get("pods", "default", `${deployment}-7f9c-x2x`) as
    | {
        readonly spec: {
          readonly containers: readonly { readonly resources: { readonly requests: { cpu: string } } }[];
        };
      }
    | undefined;
  return pod?.spec.containers[0]?.resources.requests.cpu;
}

it(
  "a new controller lends what a workload is known not to need, nothing of one it knows nothing of, and forgets who leaves",
  { timeout: 240_000 },
  async () => {
    const one = await Life.begin(
      { name: "habits", nodes: [{ name: "n" }], pods: [] },
      ["--mode=full"],
      undefined,
      prepare,
    );
    life = one;
    const { cluster } = one;
    await expect.poll(() => requestOf(cluster, "sleeper"), patience).toBe("100m");
    expect(requestOf(cluster, "stranger")).toBe("400m");
    const { store } = cluster.api;
    const pod = store.get("pods", "default", "sleeper-7f9c-x2x") as unknown as KubeObject & {
      readonly metadata: { readonly name: string; readonly labels: object };
    };
    const metadata = { ...pod.metadata, labels: { ...pod.metadata.labels, "mbcas.io/managed": "false" } };
    store.put("pods", { ...pod, metadata } as unknown as Parameters<typeof store.put>[1]);
    await expect.poll(() => requestOf(cluster, "sleeper"), patience).toBe("400m");
    const profile = (): unknown => store.get("workloadprofiles.allocation.mbcas.io", "default", "deployment-sleeper");
    await expect.poll(profile, patience).toBeUndefined();
  },
);
