import type { ExpectedPod } from "../verdict/expected.ts";
import type { Report } from "../verdict/report.ts";
import { type Answer, verdict } from "../verdict/verdict.ts";
import type { Pods } from "./ask.ts";
import type { NodeNames } from "./nodes.ts";

export interface Sources {
  /** Read anew each round: a map changes. */
  readonly map: () => Promise<readonly ExpectedPod[]>;
  readonly nodes: NodeNames;
  readonly pods: Pods;
}

const atOnce = 16;

/** Asks everybody once and judges. @throws Error where the map or the nodes' names cannot be had: then nothing is judged */
export async function judgeOnce({ map, nodes, pods }: Sources, signal: AbortSignal): Promise<Report> {
  const [expected, nodesByLabel] = await Promise.all([map(), nodes.byLabel(signal)]);
  const seen = await askAll(expected, pods, signal);
  return verdict({ pods: expected, nodesByLabel, uuids: new Map() }, seen);
}

async function askAll(
  expected: readonly ExpectedPod[],
  pods: Pods,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, Answer>> {
  const seen = new Map<number, Answer>();
  const waiting = expected.map(({ podIndex }) => podIndex);
  const worker = async (): Promise<void> => {
    for (let index = waiting.shift(); index !== undefined; index = waiting.shift())
      seen.set(index, await pods.ask(index, signal));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return seen;
}
