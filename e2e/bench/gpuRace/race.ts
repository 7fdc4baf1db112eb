import { join } from "node:path";

import type { Cluster } from "../../harness/cluster.ts";
import type { ControllerProgram, Programs } from "../../harness/programs.ts";
import { eventually, pause } from "../../harness/wait.ts";
import { createPods, devicesOf, publish, removeAll, type Size, withdraw } from "./bed.ts";
import { judge, type Judgement } from "./checker.ts";
import { Witness } from "./watch.ts";

/** Deposed leaders, retries and the controller manager have ended by then. */
const quietMs = 5_000;
/** Pods that are deleted while others wait. */
const churned = 0.1;

const deploy = join(import.meta.dirname, "..", "..", "..", "deploy");

/** The rights that the GPU scheduler has in a cluster. */
export async function installScheduler(cluster: Cluster): Promise<void> {
  await cluster.kubectl("apply", "-k", join(deploy, "roles", "gpu"));
  await cluster.kubectl("apply", "-f", join(deploy, "kustomize", "parts", "gpu", "rbac.yaml"));
}

export interface RaceOptions {
  readonly cluster: Cluster;
  readonly programs: Programs;
  readonly namespace: string;
  readonly size: Size;
  readonly withinMs: number;
}

export interface RaceResult extends Judgement {
  /** From the first pod until every device was in use. */
  readonly tookMs: number;
}

/**
 * More pods than devices, of three schedulers at once. One of ours is killed while pods wait, and another replica goes on. Some pods
 * are deleted, so that their devices go to others.
 */
export async function race({ cluster, programs, namespace, size, withinMs }: RaceOptions): Promise<RaceResult> {
  const { controlPlane } = cluster.target;
  if (controlPlane === null) throw new Error("no hold of the control plane");
  const removeNodes = await controlPlane.startFakeNodes(size.nodes, 3600);
  try {
    await publish(cluster, size);
    const leader = await start(programs, "gpu-scheduler", "walras-race-a");
    await start(programs, "gpu-scheduler", "walras-race-a");
    await start(programs, "gpu-scheduler-b", "walras-race-b");
    const witness = await Witness.start(cluster.target.kubeconfig, namespace);
    const startedMs = performance.now();
    const creating = createPods(cluster, namespace, size.pods);
    await used(witness, Math.floor(devicesOf(size) / 4), withinMs);
    await leader.kill("SIGKILL");
    await creating;
    await used(witness, devicesOf(size), withinMs);
    await churn({ cluster, namespace, witness, size });
    await used(witness, devicesOf(size), withinMs);
    const tookMs = performance.now() - startedMs;
    await pause(quietMs);
    return { ...judge(witness.stop()), tookMs };
  } finally {
    await removeAll(cluster, namespace);
    await withdraw(cluster);
    await removeNodes();
  }
}

function start(programs: Programs, name: string, lease: string): Promise<ControllerProgram> {
  return programs.startController({ args: ["--parts=gpu", `--gpu-scheduler-name=${name}`, `--lease-name=${lease}`] });
}

async function used(witness: Witness, count: number, withinMs: number): Promise<void> {
  await eventually(
    `${count} pods to be bound`,
    () => boundPods(witness).length,
    (bound) => bound >= count,
    withinMs,
  );
}

function boundPods(witness: Witness): readonly { readonly name: string }[] {
  return witness.pods().filter(({ node }) => node !== "");
}

async function churn({
  cluster,
  namespace,
  witness,
  size,
}: Pick<RaceOptions, "cluster" | "namespace" | "size"> & { readonly witness: Witness }): Promise<void> {
  const some = boundPods(witness).slice(0, Math.ceil(devicesOf(size) * churned));
  for (const { name } of some) await cluster.deletePod(namespace, name);
  await eventually(
    "the pods to be gone",
    () => witness.pods().filter(({ name }) => some.some((one) => one.name === name)).length,
    (left) => left === 0,
  );
}
