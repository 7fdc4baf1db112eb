import { type Clock, sleep } from "@walras/kit";
import { deleteObject, getObject, KubeError, type KubeTransport, resources } from "@walras/kube";

import { ownKinds, shownName } from "./kinds.ts";
import { removeRanks } from "./ranks.ts";
import { type Remnant, Sweep } from "./sweep.ts";
import type { Teller } from "./teller.ts";

export interface DownOptions {
  readonly namespace: string;
  readonly timeoutMs: number;
  readonly deleteNamespace: boolean;
  /** Also takes the ranker's labels from the nodes. */
  readonly labels: boolean;
}

export interface DownTools {
  readonly transport: KubeTransport;
  readonly teller: Teller;
  readonly clock: Clock;
}

const everyMs = 500;

/** Deletes what `up` has made, with the jobs and pods that came of it, and waits until it has gone. */
export async function down(options: DownOptions, tools: DownTools): Promise<void> {
  const { namespace, timeoutMs, deleteNamespace, labels } = options;
  const deadlineMs = tools.clock.monotonicMs() + timeoutMs;
  const isEmpty = await removeObjects(namespace, deadlineMs, tools);
  if (deleteNamespace) await removeNamespace({ namespace, isEmpty, deadlineMs }, tools);
  if (labels) await removeRanks(tools.transport, tools.teller);
}

/** @returns whether all of it has gone */
async function removeObjects(namespace: string, deadlineMs: number, tools: DownTools): Promise<boolean> {
  const sweeps = ownKinds.map((kind) => new Sweep(tools, kind, namespace));
  const round = async (): Promise<readonly Remnant[]> => {
    // All is seen before any of it is deleted: what an owner takes with it is told of too.
    for (const sweep of sweeps) await sweep.look();
    const left: Remnant[] = [];
    for (const sweep of sweeps) left.push(...(await sweep.ask()));
    return left;
  };
  const left = await untilNone(round, deadlineMs, tools.clock);
  for (const remnant of left) tellLeft(remnant, tools.teller);
  return left.length === 0 && !sweeps.some(({ failed }) => failed);
}

/** @returns what is left at the deadline */
async function untilNone(
  look: () => Promise<readonly Remnant[]>,
  deadlineMs: number,
  clock: Clock,
): Promise<readonly Remnant[]> {
  for (;;) {
    const left = await look();
    if (left.length === 0 || clock.monotonicMs() >= deadlineMs) return left;
    await sleep(clock, everyMs);
  }
}

function tellLeft({ what, finalizers }: Remnant, teller: Teller): void {
  const holders = finalizers.length === 0 ? "" : `, held by ${finalizers.join(", ")}`;
  teller.failed(what, new Error(`is not gone yet${holders}`));
}

interface Emptied {
  readonly namespace: string;
  readonly isEmpty: boolean;
  readonly deadlineMs: number;
}

/** A namespace that is not empty would hang in its deletion, with nobody left to finish what is in it. */
async function removeNamespace({ namespace, isEmpty, deadlineMs }: Emptied, tools: DownTools): Promise<void> {
  const { transport, teller, clock } = tools;
  const what = shownName(resources.namespace, namespace);
  if (!isEmpty) return teller.failed(what, new Error("is not deleted: what is in it has not gone"));
  const name = { namespace: "", name: namespace };
  try {
    if ((await remnantOf(transport, namespace)).length === 0) return;
    await deleteObject(transport, resources.namespace, name);
    const [left] = await untilNone(() => remnantOf(transport, namespace), deadlineMs, clock);
    if (left) tellLeft(left, teller);
    else teller.did(what, "deleted");
  } catch (error) {
    teller.failed(what, error);
  }
}

async function remnantOf(transport: KubeTransport, name: string): Promise<readonly Remnant[]> {
  try {
    await getObject(transport, resources.namespace, { namespace: "", name });
    return [{ what: shownName(resources.namespace, name), finalizers: [] }];
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return [];
    throw error;
  }
}
