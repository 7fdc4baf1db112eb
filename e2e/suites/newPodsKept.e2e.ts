import { join } from "node:path";

import {
  creationProfileName,
  creationProfileResource,
  type CreationProfileSpec,
  workloadProfileResource,
  type WorkloadProfileSpec,
} from "@walras/api";
import { getObject, KubeError } from "@walras/kube";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { autoscalerOf, autoscalers } from "../harness/autoscalers.ts";
import { loadDeployment } from "../harness/load.ts";
import { ownedBy, podOf } from "../harness/newPods.ts";
import type { ControllerProgram, Program } from "../harness/programs.ts";
import { longestUnknownMs, requestsOf, Sizing } from "../harness/sizing.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually } from "../harness/wait.ts";

const deploy = join(import.meta.dirname, "..", "..", "deploy");
const node = "node1";
const name = "sleeper";
const ofSleeper = ownedBy("ReplicaSet", `${name}-7d9f`, { "pod-template-hash": "7d9f" });
let stage: Stage;
let sizing: Sizing;
let controller: ControllerProgram;
let agent: Program;

/** What two days of 74m leave behind. */
function slept(): WorkloadProfileSpec {
  const weights = Buffer.alloc(44);
  weights.writeUInt16LE(65_535, 42);
  const seen = new Date().toISOString();
  const since = new Date(Date.now() - 2 * 24 * 3_600_000).toISOString();
  const histogram = weights.toString("base64");
  return {
    encoding: 1,
    workload: { kind: "Deployment", name },
    habitCPURequest: "75m",
    trustPercent: 100,
    seen,
    containers: [{ name: "app", since, weightMinutes: 1_500, watchedMinutes: 1_500, histogram }],
  };
}

async function creation(): Promise<CreationProfileSpec | null> {
  const { cluster, namespace } = stage;
  try {
    const found = await getObject(cluster.transport, creationProfileResource, { namespace, name: creationProfileName });
    return (found as { readonly spec: CreationProfileSpec }).spec;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return null;
    throw error;
  }
}

function kubectl(...args: string[]): Promise<string> {
  return stage.cluster.kubectl("-n", stage.namespace, ...args);
}

/** Of all pods, in order. */
async function requests(): Promise<readonly string[]> {
  return (await kubectl("get", "pods", "-o", "jsonpath={.items[*].spec.containers[*].resources.requests.cpu}"))
    .split(" ")
    .toSorted();
}

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("newpods");
  sizing = new Sizing(stage.cluster, stage.programs.folder);
  const { cluster, namespace } = stage;
  const [[key, value] = ["", ""]] = Object.entries(sizing.label);
  await cluster.kubectl("label", "namespace", namespace, `${key}=${value}`);
  await sizing.installKind();
  await sizing.installPolicies();
  await cluster.kubectl("apply", "-k", join(deploy, "roles", "sizing"));
  await cluster.kubectl(
    "-n",
    "walras-system",
    "apply",
    "-f",
    join(deploy, "kustomize", "parts", "sizing", "rbac.yaml"),
  );
  const metadata = { name: `deployment-${name}` };
  await cluster.create(workloadProfileResource, namespace, { metadata, spec: slept() });
  controller = await stage.programs.startController({ args: ["--size-new-pods"] });
  agent = await stage.programs.startAgent(node, [controller]);
});

afterAll(async () => {
  if (!inject("local")) return;
  await sizing.remove();
  await stage.close();
});

describe.skipIf(!inject("local"))("new pods of a workload that is known", () => {
  it("are sized by what the controller has written down, and on record with what they declared", async () => {
    const { cluster, namespace } = stage;
    const written = await eventually("sizes to be written", creation, (found) => found !== null, 60_000);
    expect(written?.workloads).toMatchObject({
      [`Deployment/${name}`]: { app: { habitMilli: 75, trustPercent: 100 } },
    });
    await eventually(
      "new pods to be sized",
      async () => requestsOf(await sizing.admit(namespace, podOf(ofSleeper))),
      (found) => found === "app=100m",
      longestUnknownMs,
    );
    await loadDeployment(cluster, { namespace, name, node, cores: 0, request: "400m", limit: "800m" });
    expect(await requests()).toEqual(["100m"]);
    const pod = await kubectl("get", "pods", "-o", "jsonpath={.items[0].metadata.name}");
    const record = await eventually(
      "its record",
      () => cluster.allocation(namespace, pod),
      (found) => found !== null,
    );
    expect(record?.spec.containers).toMatchObject([{ declaredCPURequest: "400m", declaredCPULimit: "800m" }]);
  });

  it("are no smaller than a LimitRange lets them be, which therefore refuses none", async () => {
    const range = { metadata: { name: "least" }, spec: { limits: [{ type: "Container", min: { cpu: "150m" } }] } };
    const resource = { apiVersion: "v1", kind: "LimitRange", plural: "limitranges", namespaced: true };
    await stage.cluster.create(resource, stage.namespace, range);
    await eventually("sizes to be written again", creation, (found) => found?.minMilli === 150, 60_000);
    await kubectl("scale", `deployment/${name}`, "--replicas=2");
    await eventually("another pod", requests, (found) => found.length === 2);
    expect(await requests()).toContain("150m");
    expect(await requests()).not.toContain("400m");
  });

  it("are as declared once an autoscaler divides by their requests, and so are those that run", async () => {
    const scaling = { least: 2, most: 2, percent: 80 };
    await stage.cluster.create(autoscalers, stage.namespace, { ...autoscalerOf(name, scaling) });
    await eventually("sizes to go", creation, (found) => found === null, 60_000);
    await eventually("requests to be back", requests, (found) => found.join(" ") === "400m 400m", 60_000);
    await agent.kill("SIGTERM");
    await controller.kill("SIGTERM");
    await kubectl("delete", `hpa/${name}`, `deployment/${name}`);
  });
});
