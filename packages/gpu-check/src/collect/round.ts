import type { ExpectedPod } from "../verdict/expected.ts";
import type { Report } from "../verdict/report.ts";
import { type Answer, verdict } from "../verdict/verdict.ts";
import type { Pods } from "./ask.ts";
import type { Cluster } from "./cluster.ts";

export interface Sources {
  /** Read anew each round: a map changes. */
  readonly map: () => Promise<readonly ExpectedPod[]>;
  readonly cluster: Cluster;
  readonly pods: Pods;
}

const atOnce = 16;

/** Asks everybody once and judges. @throws Error where the map cannot be had, or the cluster does not tell: then nothing is judged */
export async function judgeOnce({ map, cluster, pods }: Sources, signal: AbortSignal): Promise<Report> {
  const [expected, nodesByLabel, chosen] = await Promise.all([
    map(),
    cluster.nodesByLabel(signal),
    cluster.chosen(signal),
  ]);
  const seen = await askAll(expected, pods, signal);
  return verdict({ pods: expected, nodesByLabel, chosen }, seen);
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
