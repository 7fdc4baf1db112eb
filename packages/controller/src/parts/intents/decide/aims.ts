import { type Aim, whyUnknown } from "./objectives.ts";
import type { IntentSnapshot, Profile } from "./snapshot.ts";
import { availabilityOf, isServing } from "./workload.ts";

/** What an intent aims at with what was measured of it; or why that is not known. */
export type Measured =
  | { readonly known: true; readonly values: ReadonlyMap<Aim, number> }
  | { readonly known: false; readonly why: string };

/**
 * Joins objectives, profiles and measurements. An availability that nobody
 * measures is that of the pods. One thing that is not known leaves the intent
 * as it is.
 */
export function measuredAims(intent: IntentSnapshot, profiles: ReadonlyMap<string, Profile>): Measured {
  if (!intent.pods.some(isServing)) return { known: false, why: "the workload has no pods" };
  const values = new Map<Aim, number>();
  const obstacles: string[] = [];
  for (const objective of intent.objectives) {
    const profile = profiles.get(objective.profile);
    if (profile === undefined) obstacles.push(`profile ${objective.profile} is not resolved`);
    else obstacles.push(...take(intent, { ...objective, ...profile }, values));
  }
  return obstacles.length === 0 ? { known: true, values } : { known: false, why: obstacles.join("; ") };
}

function take(intent: IntentSnapshot, aim: Aim, values: Map<Aim, number>): string[] {
  const measured = intent.measured.get(aim.profile);
  const isOfPods = aim.type === "availability" && (measured === undefined || measured.kind === "missing");
  if (isOfPods) values.set(aim, availabilityOf(intent.pods.filter(isServing).map(({ availability }) => availability)));
  else if (measured?.kind === "value") values.set(aim, measured.value);
  const why = isOfPods ? null : whyUnknown(aim.profile, measured);
  return why === null ? [] : [why];
}
