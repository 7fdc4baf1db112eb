import type { Teller, Told as Matter } from "../../../base/told/teller.ts";
import type { Action } from "../decide/snapshot.ts";
import type { BadIntent } from "../loop/ports.ts";
import type { Told } from "../loop/steps.ts";
import type { IntentVerdict, intentVerdicts } from "./verdicts.ts";

type IntentTeller = Pick<Teller<typeof intentVerdicts>, "tell" | "tellOnce">;
type Said = Pick<Matter<typeof intentVerdicts>, "verdict" | "reason">;

/** Tells Events on Intents: what holds once, what is done each time. */
export class IntentAnnouncer {
  readonly #teller: IntentTeller;

  constructor(teller: IntentTeller) {
    this.#teller = teller;
  }

  tell(told: Told): void {
    const object = told.seen.ref;
    const standing = standingOf(told);
    this.#teller.tellOnce(`${object.uid} stands`, standing && { object, ...standing }, standing?.gist);
    this.#effect(told);
    this.#plan(told);
  }

  bad({ ref: object, problem }: BadIntent): void {
    this.#teller.tellOnce(`${object.uid} stands`, { object, verdict: "InvalidIntent", reason: problem });
  }

  #plan({ seen: { ref: object }, decision, execution }: Told): void {
    const { plan, cost, reason } = decision;
    const steps = shownPlan(plan);
    const isDraft = plan.length > 0 && !decision.execute;
    const draft = { object, verdict: "PlanDrafted", reason: `${steps}: ${reason}`, numbers: { cost } } as const;
    this.#teller.tellOnce(`${object.uid} draft`, isDraft ? draft : undefined, steps);
    if (execution?.verdict === "Done")
      this.#teller.tell({ object, verdict: "PlanExecuted", reason: `${steps}: ${reason}`, numbers: { cost } });
    const failure = failureOf(execution);
    this.#teller.tellOnce(`${object.uid} failure`, failure && { object, ...failure }, failure?.verdict);
  }

  #effect({ seen: { ref: object }, effect }: Told): void {
    if (effect === null) return;
    const numbers = Object.fromEntries(effect.seen.map(({ profile, value }) => [profile, value]));
    this.#teller.tell({ object, verdict: "PlanEffect", reason: effect.verdict, numbers });
    if (effect.reverted === null) return;
    this.#teller.tell({ object, verdict: "PlanTakenBack", reason: effect.reverted.message, numbers });
  }
}

const failures = {
  Refused: "PlanNotExecuted",
  Outdated: "PlanNotExecuted",
  RolledBack: "PlanNotExecuted",
  LeftHalfDone: "PlanHalfExecuted",
} as const;

function failureOf(execution: Told["execution"]): Said | undefined {
  const verdict = execution === null ? undefined : failures[execution.verdict as keyof typeof failures];
  return verdict && execution ? { verdict, reason: `${execution.verdict}: ${execution.message}` } : undefined;
}

const standings: Readonly<Partial<Record<Told["decision"]["verdict"], IntentVerdict>>> = {
  Fulfilled: "IntentFulfilled",
  Unknown: "IntentUnknown",
  Unreachable: "IntentUnreachable",
  Bounded: "IntentUnreachable",
  Conflict: "IntentConflict",
  Refused: "IntentRefused",
};

/** How it stands; of what differs each round nothing is in the gist. */
function standingOf({ decision, execution }: Told): (Said & { readonly gist: string }) | undefined {
  if (execution?.verdict === "Conflict")
    return { verdict: "IntentConflict", reason: execution.message, gist: execution.message };
  const verdict = standings[decision.verdict];
  return verdict && { verdict, reason: decision.reason, gist: decision.verdict };
}

function shownPlan(plan: readonly Action[]): string {
  return plan
    .map(
      ({ name, properties }) =>
        `${name} ${Object.entries(properties)
          .map(([, value]) => String(value))
          .join(" ")}`,
    )
    .join(", ");
}
