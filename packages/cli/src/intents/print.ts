import type { Action, IntentDecision, Rejection } from "@walras/controller/intents";

import { toldAction } from "./told.ts";
import type { Replay, Replayed } from "./trace.ts";

/** The plan of all intents, with each intent's own below it. */
export interface PlanAnswer {
  /** In the order of planning; of several intents each action names its own. */
  readonly plan: readonly (Action & { readonly intent?: string })[];
  readonly cost: number;
  readonly rejected: readonly (Rejection & { readonly intent?: string })[];
  readonly intents: readonly IntentDecision[];
}

export function answerOf(decisions: readonly IntentDecision[]): PlanAnswer {
  const isOne = decisions.length === 1;
  const named = <Item extends object>(items: readonly Item[], intent: string): (Item & { intent?: string })[] =>
    items.map((item): Item & { intent?: string } => (isOne ? { ...item } : { ...item, intent }));
  return {
    plan: decisions.flatMap(({ plan, intent }) => named(plan, intent)),
    cost: decisions.reduce((sum, { cost }) => sum + cost, 0),
    rejected: decisions.flatMap(({ rejected, intent }) => named(rejected, intent)),
    intents: decisions,
  };
}

/** Decisions for people: a block for each intent. */
export function printDecisions(decisions: readonly IntentDecision[]): string {
  return decisions.map(blockOf).join("\n");
}

function blockOf({ intent, target, verdict, reason, plan, cost, rejected, objectives }: IntentDecision): string {
  const width = Math.max(...objectives.map(({ profile }) => profile.length)) + 2;
  const cell = (value: number | null): string =>
    (value === null ? "?" : String(Number(value.toPrecision(6)))).padStart(12);
  const lines = [
    `${intent} → ${target}: ${verdict}, ${reason}`,
    `  ${"OBJECTIVE".padEnd(width)}${["NOW", "TARGET", "PLANNED"].map((head) => head.padStart(12)).join("")}`,
    ...objectives.map(
      (one) => `  ${one.profile.padEnd(width)}${cell(one.value)}${cell(one.target)}${cell(one.expected)}`,
    ),
    `  plan: ${plan.length === 0 ? "nothing" : `${plan.map(toldAction).join(", ")}, cost ${cost}`}`,
    ...rejected.map((one) => `  not ${toldAction(one)}: ${one.reason}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** A recording's events as JSON has them. */
export function replayAnswer(replays: readonly Replay[]): readonly object[] {
  return replays.map(({ trace, events }) => ({
    trace,
    same: events.every(({ same }) => same),
    events: events.map(({ event, decision, recorded, same }) => {
      const { intent, plan, cost, rejected, verdict, reason } = decision;
      return { event, intent, plan, cost, rejected, verdict, reason, recorded, same };
    }),
  }));
}

/** A line for each event. */
export function printReplays(replays: readonly Replay[]): string {
  return replays
    .map(
      ({ trace, events }) =>
        `${trace}: ${events.filter(({ same }) => same).length} of ${events.length} as recorded\n${events.map(lineOf).join("")}`,
    )
    .join("\n");
}

function lineOf({ event, decision, recorded, same }: Replayed): string {
  const told = (plan: readonly Action[]): string => (plan.length === 0 ? "nothing" : plan.map(toldAction).join(", "));
  const plan = `  ${String(event).padStart(3)}  ${decision.verdict.padEnd(12)}${told(decision.plan)}`;
  return `${plan}${same ? "" : `  (recorded: ${told(recorded)})`}\n`;
}
