import type { IntentDecision } from "../decide/decision.ts";
import type { Measurement } from "../decide/snapshot.ts";
import type { PlanEvent, SeenIntent } from "./ports.ts";

/** What the prototype writes where nothing was measured. */
const nothing = -1;

/** What was, what was wanted and what is planned, as the prototype records it. */
export function planEventOf(
  { intent }: SeenIntent,
  { plan }: IntentDecision,
  measured: ReadonlyMap<string, Measurement>,
  timestampMs: number,
): PlanEvent {
  const { name, objectives, resources, annotations, pods, data } = intent;
  return {
    name,
    timestampMs,
    currentObjectives: byProfile(objectives, ({ profile }) => valueOf(measured.get(profile))),
    desiredObjectives: byProfile(objectives, ({ target }) => target),
    resources: Object.fromEntries(resources),
    annotations: Object.fromEntries(annotations),
    pods: Object.fromEntries(
      pods.map(({ name: pod, availability, node, phase, qosClass }) => [
        pod,
        { availability, nodename: node ?? "", state: phase, qosclass: qosClass },
      ]),
    ),
    data: Object.fromEntries([...data].map(([metric, values]) => [metric, Object.fromEntries(values)])),
    plan: plan.length === 0 ? null : plan,
  };
}

type Objective = SeenIntent["intent"]["objectives"][number];

function byProfile(objectives: readonly Objective[], of: (objective: Objective) => number): Record<string, number> {
  return Object.fromEntries(objectives.map((objective) => [objective.profile, of(objective)]));
}

function valueOf(measured: Measurement | undefined): number {
  return measured?.kind === "value" ? measured.value : nothing;
}
