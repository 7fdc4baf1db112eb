import type { ControllerMessage, PodSet, Settings } from "@walras/proto";

import { nothingYet, type Wanted } from "../sample/sampler.ts";

/** What the controller has said so far; it outlives streams. */
export interface Orders {
  /** The highest leader's term seen. */
  readonly epoch: number;
  readonly wanted: Wanted;
  /** null: the controller has not said, or nothing sensible. */
  readonly intervalMs: number | null;
}

export const noOrders: Orders = { epoch: 0, wanted: nothingYet, intervalMs: null };

const shortestIntervalMs = 100;
const longestIntervalMs = 60_000;

/** Whether a message is a deposed leader's. */
export function isDeposed(orders: Orders, { epoch }: ControllerMessage): boolean {
  return epoch < orders.epoch;
}

/** The orders after a message that is not a deposed leader's. */
export function follow(orders: Orders, { epoch, message }: ControllerMessage): Orders {
  const now = { ...orders, epoch };
  if (message?.$case === "podSet") return { ...now, wanted: wantedOf(message.value, orders.wanted) };
  return message?.$case === "settings" ? withSettings(now, message.value) : now;
}

function wantedOf({ pods }: PodSet, { allocatableMilli }: Wanted): Wanted {
  const podUidOf = new Map<string, string>();
  const podNames = new Set<string>();
  for (const { uid, configHash, containerIds } of pods) {
    podNames.add(uid);
    if (configHash !== "") podNames.add(configHash);
    for (const id of containerIds) podUidOf.set(id, uid);
  }
  return { podUidOf, podNames, allocatableMilli };
}

/** Zero is a field that was not set; what cannot be is as good as not said. */
function withSettings(orders: Orders, { intervalMillis, allocatableMilli }: Settings): Orders {
  const sensible = intervalMillis >= shortestIntervalMs && intervalMillis <= longestIntervalMs;
  const known = allocatableMilli > 0 ? allocatableMilli : null;
  const same = known === orders.wanted.allocatableMilli;
  return {
    ...orders,
    intervalMs: sensible ? intervalMillis : orders.intervalMs,
    wanted: same ? orders.wanted : { ...orders.wanted, allocatableMilli: known },
  };
}
