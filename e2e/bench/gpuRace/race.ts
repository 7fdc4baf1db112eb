import { join } from "node:path";

import type { Cluster } from "../../harness/cluster.ts";
import type { ControllerProgram, Programs } from "../../harness/programs.ts";
import { eventually, pause } from "../../harness/wait.ts";
import { createPods, devicesOf, publish, removeAll, type SchedulerName, type Size, withdraw } from "./bed.ts";
import { type Change, judge, type Judgement } from "./checker.ts";
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

/** Of the pods that are there from the beginning, this one in so many is kube-scheduler's. */
const othersEach = 5;
/** More of those come while ours are placed: a part of all pods. */
const othersLater = 0.02;
/** Longer than a Lease is held: the next one leads, and the one that was stopped goes on with what it was about. */
const stoppedMs = 25_000;

/**
 * More pods than devices, of ours and of kube-scheduler's at once. The leader of ours is stopped in the middle of it and goes on when
 * another leads; that one is killed. Some pods are deleted, so that their devices go to others.
 */
export async function race(options: RaceOptions): Promise<RaceResult> {
  const { cluster, namespace, size } = options;
  const { controlPlane } = cluster.target;
  if (controlPlane === null) throw new Error("no hold of the control plane");
  const removeNodes = await controlPlane.startFakeNodes(size.nodes, 3600);
  try {
    await publish(cluster, size);
    return await run(options);
  } finally {
    await removeAll(cluster, namespace);
    await withdraw(cluster);
    await removeNodes();
  }
}

async function run(options: RaceOptions): Promise<RaceResult> {
  const { cluster, namespace, size, withinMs, programs } = options;
  const replicas = [await start(programs), await start(programs), await start(programs)];
  const witness = await Witness.start(cluster.target.kubeconfig, namespace);
  const startedMs = performance.now();
  const creating = createPods({ cluster, namespace, prefix: "pod" }, size.pods, (index) =>
    index % othersEach === 0 ? "default-scheduler" : "gpu-scheduler",
  );
  const devices = devicesOf(size);
  await bound(witness, devices / 20, { of: "gpu-scheduler", withinMs });
  const later = createPods({ cluster, namespace, prefix: "late" }, size.pods * othersLater, () => "default-scheduler");
  const stopped = await leaderOf(replicas);
  process.kill(stopped.pid, "SIGSTOP");
  await pause(stoppedMs);
  process.kill(stopped.pid, "SIGCONT");
  await bound(witness, devices / 5, { of: "gpu-scheduler", withinMs });
  await (await leaderOf(replicas.filter((one) => one !== stopped))).kill("SIGKILL");
  await Promise.all([creating, later]);
  await bound(witness, devices, { withinMs });
  await churn(options, witness);
  await bound(witness, devices, { withinMs });
  const tookMs = performance.now() - startedMs;
  await pause(quietMs);
  return { ...judge(witness.stop()), tookMs };
}

async function leaderOf(replicas: readonly ControllerProgram[]): Promise<ControllerProgram> {
  const found = await eventually(
    "a leader",
    async () => {
      const shown = await Promise.all(replicas.map((one) => one.metrics()));
      return replicas.find((_, index) => /^walras_leader 1$/m.test(shown[index] ?? ""));
    },
    (leader) => leader !== undefined,
  );
  if (!found) throw new Error("there is no leader");
  return found;
}

function start(programs: Programs): Promise<ControllerProgram> {
  return programs.startController({ args: ["--parts=gpu"] });
}

async function bound(
  witness: Witness,
  count: number,
  { of, withinMs }: { readonly of?: SchedulerName; readonly withinMs: number },
): Promise<void> {
  await eventually(
    `${count} pods of ${of ?? "all"} to be bound`,
    () => boundPods(witness).filter(({ scheduler }) => of === undefined || scheduler === of).length,
    (now) => now >= count,
    withinMs,
  );
}

function boundPods(witness: Witness): readonly Pick<Change, "name" | "scheduler">[] {
  return witness.pods().filter(({ node }) => node !== "");
}

async function churn({ cluster, namespace, size }: RaceOptions, witness: Witness): Promise<void> {
  const some = boundPods(witness).slice(0, Math.ceil(devicesOf(size) * churned));
  for (const { name } of some) await cluster.deletePod(namespace, name);
  await eventually(
    "the pods to be gone",
    () => witness.pods().filter(({ name }) => some.some((one) => one.name === name)).length,
    (left) => left === 0,
  );
}
