import type { Base } from "../../../base/base.ts";
import { type Gate, gatedWrites } from "../../../base/access/gate.ts";
import type { PodState } from "../../../base/cluster/pod.ts";
import type { Surroundings } from "../../../base/config/surroundings.ts";
import type { ObjectRef } from "../../../base/told/decision.ts";
import { ProfileKeeper } from "./keeper.ts";
import { Memory } from "./memory.ts";
import { profilePort, storedProfiles } from "./port.ts";
import type { RememberPolicy } from "./policy.ts";
import { Workloads } from "./workloads.ts";
import { ProfileWriter } from "./writer.ts";

/** More are not remembered: 5,000 of 4 KiB are 20 MiB of etcd, and read in a second or two. */
const mostWorkloads = 5_000;

export interface RememberNeeds {
  readonly policy: RememberPolicy;
  readonly gate: Gate;
  readonly unreadable: (object: ObjectRef, reason: string) => void;
  /** How many workloads are remembered. */
  readonly counted: (count: number) => void;
}

/** What remembers, and keeps it in the cluster. */
export interface Remembering {
  readonly policy: RememberPolicy;
  readonly workloads: Workloads;
  readonly memory: Memory;
  readonly keeper: ProfileKeeper;
  /** The owner has taken the pod off the market. */
  readonly left: (pod: PodState) => void;
}

export function wireMemory(
  { policy, gate, unreadable, counted }: RememberNeeds,
  around: Surroundings,
  base: Base,
): Remembering {
  const writes = gatedWrites(base.writes, gate);
  const writer = new ProfileWriter({ ...around, port: profilePort(base.transport), writes, policy });
  const workloads = new Workloads(policy, mostWorkloads, (one) => writer.remove(one));
  const keeper = new ProfileKeeper({
    ...around,
    stored: (signal) => storedProfiles(base.transport, signal),
    workloads,
    writer,
    policy,
    mayAct: gate.mayAct,
    repeating: (everyMs, run) => base.repeating("workload profiles", everyMs, run),
    unreadable,
    counted,
  });
  const memory = new Memory({ policy, workloads, isRead: keeper.isRead, clock: around.clock });
  const left = (pod: PodState): void => {
    memory.forget(pod.uid);
    keeper.leave(pod);
  };
  return { policy, workloads, memory, keeper, left };
}
