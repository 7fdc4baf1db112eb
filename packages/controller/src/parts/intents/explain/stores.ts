import { intentResource, type IntentStatus } from "@walras/api";
import type { Store, StoreItem } from "@walras/kube";

import type { Projection } from "../../../base/cluster/cluster.ts";
import type { Recalled } from "../loop/histories.ts";
import type { SeenIntent } from "../loop/ports.ts";
import { directionOf } from "../loop/direction.ts";

/** What the API server has of an Intent's status. */
export interface ToldIntent extends StoreItem {
  readonly status: IntentStatus;
}

interface RawIntent {
  readonly metadata?: { readonly uid?: string; readonly namespace?: string; readonly name?: string };
  readonly status?: IntentStatus;
}

export const toldIntents: Projection<ToldIntent> = {
  resource: intentResource,
  transform: (raw) => {
    const { metadata: { uid = "", namespace = "", name = "" } = {}, status = {} } = raw as RawIntent;
    return { uid, namespace, name, status };
  },
};

/** Outcomes of plans of which nothing was left. */
const withoutTrace: ReadonlySet<string> = new Set(["Drafted", "Refused", "Outdated", "RolledBack"]);

/** When something was last done for an intent, by its status: nobody begins with a cool-down forgotten. */
export function recallFrom(stores: Pick<Store<ToldIntent>, "get">, { ref, intent }: SeenIntent): Recalled | undefined {
  const { lastPlan } = stores.get(ref.uid)?.status ?? {};
  if (lastPlan === undefined || withoutTrace.has(lastPlan.outcome ?? "")) return undefined;
  const atMs = Date.parse(lastPlan.at);
  const { grows, shrinks } = directionOf(lastPlan.actions, intent.resources);
  // The size has been reached since, so that its direction is not seen any more.
  const isSized = lastPlan.actions.some(({ name }) => name === "scaleCPU");
  return { grownAtMs: grows || isSized ? atMs : null, shrunkAtMs: shrinks || isSized ? atMs : null };
}
