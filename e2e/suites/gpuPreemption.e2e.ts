import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { GpuNodes, gpuSet, visibleDevices } from "../harness/gpus.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually } from "../harness/wait.ts";

const nodeIndex = 2;
const priorityClass = "walras-e2e-urgent";
const kinds = {
  priorityClass: {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    plural: "priorityclasses",
    namespaced: false,
  },
  budget: {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    plural: "poddisruptionbudgets",
    namespaced: true,
  },
} as const;

interface SeenPod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly nominatedNodeName?: string;
    readonly conditions?: readonly { readonly type: string; readonly message?: string }[];
  };
}

let stage: Stage;
let nodes: GpuNodes;

async function podsOf(set: string): Promise<readonly SeenPod[]> {
  const text = await stage.cluster.kubectl("-n", stage.namespace, "get", "pods", "-l", `app=${set}`, "-o=json");
  return (JSON.parse(text) as { readonly items: readonly SeenPod[] }).items;
}

/** UIDs of those on a node, by name. */
async function onNodes(set: string): Promise<Map<string, string>> {
  const placed = (await podsOf(set)).filter(({ spec }) => spec.nodeName !== undefined);
  return new Map(placed.map(({ metadata }) => [metadata.name, metadata.uid]));
}

/** Whether there is one pod, of another UID than the one before. */
function madeAnew(before: string | undefined): (pods: readonly SeenPod[]) => boolean {
  return (pods) => pods.length === 1 && pods[0]?.metadata.uid !== before;
}

const whole = { "gpu.walras.io/milli": "1000" };

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("gpu-preemption");
  nodes = await GpuNodes.open(stage);
  await nodes.add(nodeIndex, "alpha");
  await eventually(
    "its GPUs",
    () => nodes.shown(`node${nodeIndex}`),
    ({ length }) => length === 8,
  );
  const body = { metadata: { name: priorityClass }, value: 1000, description: "for a test" };
  await stage.cluster.create(kinds.priorityClass, "", body);
});

afterAll(async () => {
  await stage?.cluster.kubectl("delete", "priorityclass", priorityClass, "--ignore-not-found");
  await (nodes ?? stage)?.close();
});

describe.skipIf(!inject("local"))("a pod of higher priority", () => {
  it("gets the GPU of one that no budget protects, once that has had its grace period", async () => {
    await stage.cluster.create(kinds.budget, stage.namespace, {
      metadata: { name: "kept" },
      spec: { maxUnavailable: 0, selector: { matchLabels: { app: "kept" } } },
    });
    await gpuSet(stage, { name: "kept", replicas: 7, annotations: whole });
    await eventually(
      "the protected",
      () => onNodes("kept"),
      ({ size }) => size === 7,
      60_000,
    );
    await gpuSet(stage, { name: "low", replicas: 1, annotations: whole, spec: { terminationGracePeriodSeconds: 5 } });
    await eventually(
      "the last GPU",
      () => visibleDevices(stage.namespace, "low-0"),
      (devices) => devices !== null,
      60_000,
    );
    const [kept, low] = [await onNodes("kept"), (await onNodes("low")).get("low-0")];
    expect(low).toBeDefined();
    await gpuSet(stage, {
      name: "urgent",
      replicas: 1,
      annotations: whole,
      spec: { priorityClassName: priorityClass },
    });
    await eventually(
      "its nomination, or its binding",
      async () => (await podsOf("urgent"))[0],
      (pod) => (pod?.status.nominatedNodeName ?? pod?.spec.nodeName) === `node${nodeIndex}`,
    );
    await eventually(
      "its GPU",
      () => visibleDevices(stage.namespace, "urgent-0"),
      (devices) => devices?.startsWith("GPU-") === true,
      90_000,
    );
    expect(await visibleDevices(stage.namespace, "low-0")).toBeNull();
    expect(await onNodes("kept")).toEqual(kept);
    // A pod gives its GPU free as its containers have ended; the kubelet deletes it some time after that.
    await eventually("the pod made anew", () => podsOf("low"), madeAnew(low));
    expect(await onNodes("low")).toEqual(new Map());
    expect(await stage.cluster.eventReasons(stage.namespace, "low-0")).toContain("Preempted");
    expect(await stage.cluster.eventReasons(stage.namespace, "urgent-0")).toEqual(
      expect.arrayContaining(["Nominated", "Scheduled"]),
    );
  });

  it("is told why it waits where all are protected, and nobody leaves", async () => {
    const kept = await onNodes("kept");
    await gpuSet(stage, { name: "more", replicas: 1, annotations: whole, spec: { priorityClassName: priorityClass } });
    await eventually(
      "the reason",
      async () => (await podsOf("more"))[0]?.status.conditions?.map(({ message = "" }) => message).join("\n") ?? "",
      (message) => message.includes("node(s) had not enough of their GPUs free"),
    );
    expect((await podsOf("more"))[0]?.status.nominatedNodeName).toBeUndefined();
    expect(await onNodes("kept")).toEqual(kept);
  });
});
