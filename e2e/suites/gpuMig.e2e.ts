import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { GpuNodes, gpuSet, visibleDevices } from "../harness/gpus.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually } from "../harness/wait.ts";

const nodeIndex = 2;
const node = `node${nodeIndex}`;

interface ShownMig {
  readonly uuid: string;
  readonly mig: string | null;
  readonly migDevices: readonly { readonly uuid: string; readonly profile: string }[];
}

let stage: Stage;
let nodes: GpuNodes;

async function shown(): Promise<readonly ShownMig[]> {
  return (await nodes.shown(node)) as unknown as readonly ShownMig[];
}

async function whyNot(name: string): Promise<string> {
  const path = "{.status.conditions[?(@.type=='PodScheduled')].message}";
  const args = ["-n", stage.namespace, "get", "pod", name, `-o=jsonpath=${path}`, "--ignore-not-found"];
  return stage.cluster.kubectl(...args);
}

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("gpu-mig");
  nodes = await GpuNodes.open(stage);
  await nodes.add(nodeIndex, "alpha");
  nodes.set(node, { layout: "a100-mig" });
});

afterAll(async () => {
  await (nodes ?? stage)?.close();
});

describe.skipIf(!inject("local"))("a pod that asks for a MIG instance", () => {
  it("sees one of that profile that the agent tells of, and waits once there is none", async () => {
    const gpus = await eventually(
      "the instances",
      shown,
      (all) => all.some((gpu) => gpu.migDevices.length > 0),
      90_000,
    );
    const instances = gpus.flatMap(({ migDevices }) => migDevices);
    const profile = instances[0]?.profile ?? "";
    const own = instances.filter((one) => one.profile === profile).map(({ uuid }) => uuid);
    const annotations = { "gpu.walras.io/mig": profile };
    await gpuSet(stage, { name: "part", replicas: own.length + 1, annotations });
    const names = Array.from({ length: own.length + 1 }, (_, index) => `part-${index}`);
    const seen = await eventually(
      "their instances",
      async () =>
        (await Promise.all(names.map((name) => visibleDevices(stage.namespace, name)))).filter((one) => one !== null),
      ({ length }) => length === own.length,
      60_000,
    );
    expect(seen.toSorted()).toEqual(own.toSorted());
    await eventually(
      "the reason",
      async () => (await Promise.all(names.map(whyNot))).join("\n"),
      (told) => told.includes(`node(s) had no MIG instance ${profile} free`),
    );
  });

  it("is alone on its GPU: whoever asks for whole ones gets those that are not in MIG mode", async () => {
    const whole = (await shown()).filter(({ mig }) => mig !== "enabled").map(({ uuid }) => uuid);
    const count = whole.length + 1;
    await gpuSet(stage, { name: "whole", replicas: count, annotations: { "gpu.walras.io/milli": "1000" } });
    const names = Array.from({ length: count }, (_, index) => `whole-${index}`);
    await eventually(
      "the reason",
      async () => (await Promise.all(names.map(whyNot))).join("\n"),
      (told) => told.includes("node(s) had not enough of their GPUs free"),
    );
    const seen = await eventually(
      "their GPUs",
      async () =>
        (await Promise.all(names.map((name) => visibleDevices(stage.namespace, name)))).filter((one) => one !== null),
      ({ length }) => length === whole.length,
      60_000,
    );
    expect(seen.toSorted()).toEqual(whole.toSorted());
  });
});
