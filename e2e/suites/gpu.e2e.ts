import { gpuSchedulingMapResource, type GpuSchedulingMapStatus } from "@walras/api";
import { describeError } from "@walras/kit";
import { objectPath, resources } from "@walras/kube";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { GpuNodes, gpuSet, type ShownGpu, visibleDevices } from "../harness/gpus.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually } from "../harness/wait.ts";

const names = { alpha: "node2", beta: "node3" } as const;

let stage: Stage;
let nodes: GpuNodes;
const gpus = new Map<string, readonly ShownGpu[]>();

type Entry = readonly [podIndex: number, nodeName: keyof typeof names, gpuDevices: string];

const schedulingMap = (entries: readonly Entry[]): readonly object[] =>
  entries.map(([podIndex, nodeName, gpuDevices]) => ({ podIndex, nodeName, gpuDevices }));

/** The GPUs of an entry, as the scheduler writes them. */
function uuids(nodeName: keyof typeof names, ...numbers: readonly number[]): string {
  return numbers.map((number) => gpus.get(names[nodeName])?.[number]?.uuid).join(",");
}

async function map(name: string, rollout: "Keep" | "Recreate", entries: readonly Entry[]): Promise<void> {
  await stage.cluster.create(gpuSchedulingMapResource, stage.namespace, {
    metadata: { name },
    spec: { workload: { kind: "StatefulSet", name }, rollout, schedulingMap: schedulingMap(entries) },
  });
}

const set = (name: string, replicas: number, annotations: Readonly<Record<string, string>> = {}): Promise<void> =>
  gpuSet(stage, { name, replicas, annotations });

interface SeenPod {
  readonly metadata: { readonly uid: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly nodeName?: string };
  readonly status?: { readonly phase?: string; readonly conditions?: readonly { readonly message?: string }[] };
}

async function pod(name: string): Promise<SeenPod | null> {
  const text = await stage.cluster.kubectl("-n", stage.namespace, "get", "pod", name, "-o=json", "--ignore-not-found");
  return text === "" ? null : (JSON.parse(text) as SeenPod);
}

async function status(name: string): Promise<GpuSchedulingMapStatus> {
  const text = await stage.cluster.kubectl("-n", stage.namespace, "get", "gsm", name, "-o=json");
  return (JSON.parse(text) as { readonly status?: GpuSchedulingMapStatus }).status ?? {};
}

/** Waits until the program of the pod has been given the GPUs, on that node. */
async function sits(name: string, nodeName: keyof typeof names, ...numbers: readonly number[]): Promise<SeenPod> {
  await eventually(
    `${name} to have GPUs ${numbers.join(",")} of ${nodeName}`,
    async () => [(await pod(name))?.spec.nodeName, await visibleDevices(stage.namespace, name)],
    ([node, devices]) => node === names[nodeName] && devices === uuids(nodeName, ...numbers),
    60_000,
  );
  const seen = await pod(name);
  if (seen === null) throw new Error(`${name} has gone`);
  return seen;
}

async function whyNot(name: string, told: string): Promise<void> {
  await eventually(
    `${name} to be told: ${told}`,
    async () => (await pod(name))?.status?.conditions?.map(({ message = "" }) => message).join("\n") ?? "",
    (message) => message.includes(told),
  );
}

/** What the API server answers to a binding of a pod that there is not. */
async function bindingRefusal(name: string): Promise<string> {
  const path = objectPath(resources.pod, { namespace: stage.namespace, name }, "binding");
  const target = { apiVersion: "v1", kind: "Node", name: names.alpha };
  const body = { apiVersion: "v1", kind: "Binding", metadata: { name, namespace: stage.namespace }, target };
  return stage.cluster.transport.send({ method: "POST", path, body }).then(
    () => "",
    (error: unknown) => describeError(error),
  );
}

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("gpu");
  nodes = await GpuNodes.open(stage);
  await nodes.add(2, "alpha");
  await nodes.add(3, "beta");
});

afterAll(async () => {
  await (nodes ?? stage)?.close();
});

describe.skipIf(!inject("local"))("pods on GPUs of real nodes", () => {
  it("are scheduled by what agents tell: eight GPUs of each node, none twice", async () => {
    for (const node of Object.values(names))
      gpus.set(
        node,
        await eventually(
          `the GPUs of ${node}`,
          () => nodes.shown(node),
          ({ length }) => length === 8,
        ),
      );
    const all = [...gpus.values()].flat().map(({ uuid }) => uuid);
    expect(new Set(all).size).toBe(16);
  });

  it("get those of their map, which their programs see, and get them again when they are made anew", async () => {
    await map("train", "Keep", [
      [0, "alpha", "0,1"],
      [1, "beta", "2"],
    ]);
    await set("train", 2);
    const first = await sits("train-0", "alpha", 0, 1);
    await sits("train-1", "beta", 2);
    expect(first.metadata.annotations).toMatchObject({ "gpu.walras.io/enforced-by": "env" });
    await eventually(
      "the map's status",
      () => status("train"),
      ({ placed }) => placed === "2/2",
    );
    await stage.cluster.deletePod(stage.namespace, "train-0");
    await eventually(
      "another train-0",
      async () => (await pod("train-0"))?.metadata.uid,
      (uid) => uid !== undefined && uid !== first.metadata.uid,
    );
    await sits("train-0", "alpha", 0, 1);
  });

  it("are moved where their map says otherwise, exactly those", async () => {
    await map("serve", "Recreate", [
      [0, "alpha", "2"],
      [1, "beta", "3"],
    ]);
    await set("serve", 2);
    const [stays, moves] = [await sits("serve-0", "alpha", 2), await sits("serve-1", "beta", 3)];
    const edited = {
      spec: {
        schedulingMap: schedulingMap([
          [0, "alpha", "2"],
          [1, "alpha", "3"],
        ]),
      },
    };
    const patch = ["patch", "gsm", "serve", "--type=merge", "-p", JSON.stringify(edited)];
    await stage.cluster.kubectl("-n", stage.namespace, ...patch);
    expect((await sits("serve-1", "alpha", 3)).metadata.uid).not.toBe(moves.metadata.uid);
    expect((await pod("serve-0"))?.metadata.uid).toBe(stays.metadata.uid);
  });

  it("wait, and are told why, where a map gives one GPU twice", async () => {
    await map("twice", "Keep", [
      [0, "beta", "4"],
      [1, "beta", "4"],
    ]);
    await set("twice", 2);
    await whyNot("twice-0", "gpuDevices: 4 of node3 has 0 m left");
    const { conditions } = await eventually(
      "the map's status",
      () => status("twice"),
      ({ conditions: told }) => told !== undefined,
    );
    expect(conditions?.find(({ type }) => type === "Valid")).toMatchObject({
      status: "False",
      reason: "DoubleBooking",
    });
    expect([
      await visibleDevices(stage.namespace, "twice-0"),
      await visibleDevices(stage.namespace, "twice-1"),
    ]).toEqual([null, null]);
  });

  it("wait while a GPU of their map has fallen off the bus, and go there when it is back", async () => {
    nodes.set("node3", { lost: [5] });
    await eventually(
      "the loss to be known",
      async () => (await nodes.shown("node3"))[5]?.unhealthy ?? null,
      (unhealthy) => unhealthy !== null,
    );
    await map("ill", "Keep", [[0, "beta", "5"]]);
    await set("ill", 1);
    await whyNot("ill-0", "GPU 5");
    nodes.set("node3", {});
    await sits("ill-0", "beta", 5);
  });

  it("are bound after all where the API server refuses that for a while, which they are told", async () => {
    const policy = "walras-e2e-no-binding";
    const validation = { expression: "request.name != 'shy-0'", message: "not today" };
    const bindings = { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods/binding"] };
    await stage.cluster.create(policies, "", {
      metadata: { name: policy },
      spec: { matchConstraints: { resourceRules: [bindings] }, validations: [validation] },
    });
    await stage.cluster.create(policyBindings, "", {
      metadata: { name: policy },
      spec: { policyName: policy, validationActions: ["Deny"] },
    });
    try {
      await eventually(
        "the policy to be in force",
        () => bindingRefusal("shy-0"),
        (refusal) => refusal.includes("not today"),
      );
      await set("shy", 1, { "gpu.walras.io/milli": "500" });
      await eventually(
        "the refusal to be told",
        () => stage.cluster.eventReasons(stage.namespace, "shy-0"),
        (reasons) => reasons.includes("FailedScheduling"),
      );
      expect((await pod("shy-0"))?.spec.nodeName ?? "").toBe("");
    } finally {
      await stage.cluster.kubectl("delete", "validatingadmissionpolicybinding", policy, "--ignore-not-found");
      await stage.cluster.kubectl("delete", "validatingadmissionpolicy", policy, "--ignore-not-found");
    }
    await eventually(
      "the binding",
      () => visibleDevices(stage.namespace, "shy-0"),
      (devices) => devices !== null && devices.startsWith("GPU-"),
      60_000,
    );
  });
});

const admission = { apiVersion: "admissionregistration.k8s.io/v1", namespaced: false } as const;
const policies = { ...admission, kind: "ValidatingAdmissionPolicy", plural: "validatingadmissionpolicies" } as const;
const policyBindings = {
  ...admission,
  kind: "ValidatingAdmissionPolicyBinding",
  plural: "validatingadmissionpolicybindings",
} as const;
