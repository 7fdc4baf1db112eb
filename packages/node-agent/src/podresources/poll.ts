import { type Clock, describeError, type Logger, Polled } from "@walras/kit";

import type { AllocatableDevices, HeldDevice, PodResources } from "./port.ts";

/** What the kubelet said at one time. */
export interface KubeletAnswer {
  readonly held: readonly HeldDevice[];
  /** null: it does not tell. */
  readonly offered: readonly AllocatableDevices[] | null;
  /** Why it does not tell what it offers; null: it does. */
  readonly offersTrouble: string | null;
}

/** The kubelet's answer while there is somebody to ask about; null: there was no GPU, so that it was not asked. */
export type KubeletPoll = Polled<KubeletAnswer | null>;

export interface PollOptions {
  readonly resources: PodResources;
  /** Whether this node has GPUs: without one, nobody is asked, and nobody complains. */
  readonly wanted: () => boolean;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A kubelet makes each answer anew and limits how often; pods come and go more slowly. */
const everyMs = 10_000;
const deadlineMs = 4_000;
/** Three answers that did not come. */
const freshMs = 35_000;

/** Asks the kubelet again and again; why there is no answer is logged once. */
export function pollPodResources({ resources, wanted, clock, logger }: PollOptions): KubeletPoll {
  return new Polled({
    name: "kubelet's pod resources",
    ask: async (signal) => (wanted() ? ask(resources, signal) : null),
    everyMs,
    deadlineMs,
    freshMs,
    clock,
    logger,
  });
}

/** What is offered is worth less than who holds what: a kubelet that tells only the latter is heard as well. */
async function ask(resources: PodResources, signal: AbortSignal): Promise<KubeletAnswer> {
  const held = await resources.list(signal);
  try {
    return { held, offered: await resources.allocatable(signal), offersTrouble: null };
  } catch (error) {
    return { held, offered: null, offersTrouble: describeError(error) };
  }
}
