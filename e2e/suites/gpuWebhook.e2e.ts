import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { installWebhook, removeWebhook, startWebhook, trustedAuthorities } from "../harness/gpuWebhook.ts";
import type { ControllerProgram } from "../harness/programs.ts";
import { openStage, type Stage } from "../harness/stage.ts";
import { eventually } from "../harness/wait.ts";

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: object;
}

interface Asked {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly containers: readonly { readonly env?: readonly Variable[] }[];
    readonly initContainers?: readonly { readonly env?: readonly Variable[] }[];
  };
}

let stage: Stage;
let scheduler: ControllerProgram;

const container = (name: string, env: readonly Variable[] = []): object => ({ name, image: "none", env });
const devices = { fieldRef: { apiVersion: "v1", fieldPath: "metadata.annotations['gpu.walras.io/devices']" } };
const variable: Variable = { name: "CUDA_VISIBLE_DEVICES", valueFrom: devices };

interface Pod {
  readonly scheduler?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: object;
}

/** What the API server makes of a new pod, without keeping it; and what it says beside. */
async function ask(
  { scheduler: schedulerName = "gpu-scheduler", annotations = {}, spec = {} }: Pod,
  namespace = stage.namespace,
): Promise<{ readonly pod: Asked | null; readonly said: string }> {
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "train-0", namespace, annotations },
    spec: { schedulerName, containers: [container("app")], ...spec },
  };
  const args = ["--kubeconfig", stage.cluster.target.kubeconfig, "create", "--dry-run=server", "-o", "json", "-f", "-"];
  const { stdout, stderr } = await execa("kubectl", args, { input: JSON.stringify(pod), reject: false });
  return { pod: stdout === "" ? null : (JSON.parse(stdout) as Asked), said: stderr };
}

const leaseTimes = '{range .items[*]}{.spec.acquireTime} {.spec.renewTime}{"\\n"}{end}';

function isRenewed(line: string): boolean {
  const [acquired = "", renewed = ""] = line.split(" ");
  return renewed > acquired;
}

const variablesIn = (env: readonly Variable[] = []): readonly Variable[] =>
  env.filter(({ name }) => name === variable.name);

beforeAll(async () => {
  if (!inject("local")) return;
  stage = await openStage("gpu-webhook");
  await installWebhook(stage.cluster, stage.programs.folder);
  scheduler = await startWebhook(stage.cluster, stage.programs);
  await eventually(
    "the webhook to be trusted",
    () => trustedAuthorities(stage.cluster),
    (bundle) => bundle !== "",
    60_000,
  );
  await eventually(
    "the webhook to answer",
    () => ask({}),
    ({ pod }) => pod !== null,
    60_000,
  );
  // The suite may be over before its Lease is due, and the right to renew it is to be used.
  await eventually(
    "the Lease to be renewed",
    () => stage.cluster.kubectl("-n", "gpu-scheduler-system", "get", "leases", "-o", `jsonpath=${leaseTimes}`),
    (lines) => lines.split("\n").some(isRenewed),
    60_000,
  );
});

afterAll(async () => {
  if (!stage) return;
  await removeWebhook(stage.cluster);
  await stage.close();
});

describe.skipIf(!inject("local"))("the webhook in front of the API server", () => {
  it("gives every container the variable that reads what the scheduler writes, init containers and sidecars too", async () => {
    const initContainers = [container("first"), { ...container("sidecar"), restartPolicy: "Always" }];
    const { pod } = await ask({ spec: { containers: [container("app"), container("other")], initContainers } });
    const all = [...(pod?.spec.containers ?? []), ...(pod?.spec.initContainers ?? [])];
    expect(all.map(({ env }) => variablesIn(env))).toEqual([[variable], [variable], [variable], [variable]]);
  });

  it("leaves a variable that is set as it is, also one from elsewhere, and warns of it", async () => {
    const own = { name: variable.name, valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } };
    const { pod, said } = await ask({ spec: { containers: [container("app", [own])] } });
    expect(variablesIn(pod?.spec.containers[0]?.env)).toEqual([own]);
    expect(said).toMatch(/Warning: .*CUDA_VISIBLE_DEVICES/);
  });

  it("removes GPUs that a pod gives itself, and says so", async () => {
    const { pod, said } = await ask({ annotations: { "gpu.walras.io/devices": "GPU-x", mine: "kept" } });
    expect(pod?.metadata.annotations).toEqual({ mine: "kept" });
    expect(said).toContain("gpu.walras.io/devices: is the scheduler's to write, and was removed");
  });

  it("refuses a map that cannot be read, with its value", async () => {
    const { pod, said } = await ask({ annotations: { "gpu-scheduling-map": "0=node1:one" } });
    expect(pod).toBeNull();
    expect(said).toMatch(/gpu-scheduling-map.*one/s);
  });

  it("is not asked about pods of others, nor about those of the system", async () => {
    for (const { pod } of [await ask({ scheduler: "default-scheduler" }), await ask({}, "kube-system")])
      expect(variablesIn(pod?.spec.containers[0]?.env)).toEqual([]);
  });

  it("lets nobody start without his variable while it is away, and holds up no others", async () => {
    await scheduler.kill("SIGKILL");
    const [own, other] = [await ask({}), await ask({ scheduler: "default-scheduler" })];
    expect([own.pod, other.pod === null]).toEqual([null, false]);
    expect(own.said).toContain("pods.gpu-scheduler.walras.io");
    scheduler = await startWebhook(stage.cluster, stage.programs);
    const back = await eventually(
      "the webhook to answer again",
      () => ask({}),
      ({ pod }) => pod !== null,
      60_000,
    );
    expect(variablesIn(back.pod?.spec.containers[0]?.env)).toEqual([variable]);
  });
});
