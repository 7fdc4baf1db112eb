import { type DemandView, demandViewSchema } from "@walras/controller/demand";
import { parseWith } from "@walras/kit";

import { runningIdsOf, type Pod } from "./objects.ts";

/** A reading older than this is not known. */
export const freshMs = 3_500;

/** Seconds a minute that containers stood stopped by their quotas, summed over run queues, at the rate of the last reports. */
export interface Throttling {
  /** Of all containers on the node; null: not known now. */
  ofNode(name: string): number | null;
  /** null: not known now of all of its containers. */
  ofPod(pod: Pod): number | null;
}

/** Nobody was asked. */
export const notAsked: Throttling = { ofNode: () => null, ofPod: () => null };

type Told = DemandView["nodes"][number]["containers"][number];

/** What a controller's /demand says of throttling. @throws FieldError for another shape */
export function throttlingOf(view: unknown): Throttling {
  const { nodes } = parseWith(demandViewSchema, view, "/demand");
  const byNode = new Map(nodes.map(({ node, containers }) => [node, containers]));
  const all = nodes.flatMap(({ containers }) => containers);
  const byId = new Map(all.map((one) => [one.containerId, one]));
  const byPod = Map.groupBy(all, ({ podUid }) => podUid);
  return {
    ofNode: (name) => together(byNode.get(name) ?? []),
    ofPod: (pod) => {
      const running = runningIdsOf(pod).map((id) => byId.get(id));
      return together([...new Set([...(byPod.get(pod.metadata.uid ?? "") ?? []), ...running])]);
    },
  };
}

/** One that is not known, and the sum is not. @param told undefined for a container that runs and of which nothing is told */
function together(told: readonly (Told | undefined)[]): number | null {
  const fresh = told.filter((one): one is Told => one !== undefined && one.ageMs <= freshMs);
  if (fresh.length === 0 || fresh.length < told.length) return null;
  return perMinute(fresh.reduce((sum, { throttledMilli }) => sum + throttledMilli, 0));
}

/** Thousandths of a second a second as seconds a minute, to a tenth. */
function perMinute(milli: number): number {
  return Math.round(milli * 0.6) / 10;
}
