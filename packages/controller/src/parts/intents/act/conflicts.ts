import type { Rival } from "../loop/ports.ts";
import type { Action } from "../decide/snapshot.ts";

/** What each action decides about; those of others are not known. */
const about: Readonly<Record<string, Rival["of"]>> = { scaleOut: "replicas", rmPod: "replicas", scaleCPU: "cpu" };

/** Who else decides about what the plan changes; null: nobody. */
export function conflictOf(plan: readonly Action[], rivals: readonly Rival[]): string | null {
  const told = rivals
    .filter(({ of }) => plan.some(({ name }) => about[name] === of))
    .map(({ kind, name, of }) => `${kind} ${name} decides about its ${of}`);
  return told.length === 0 ? null : [...new Set(told)].toSorted().join(", ");
}
