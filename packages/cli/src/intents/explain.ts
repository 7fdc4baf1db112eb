import { intentResource, type IntentStatus } from "@walras/api";
import type { IntentView, IntentsView } from "@walras/controller/intents";
import { errorAt } from "@walras/kit";
import { getObject, KubeError, type KubeTransport } from "@walras/kube";

import { readView } from "../cluster/view.ts";
import { toldAction } from "./told.ts";

export interface ExplainOptions {
  readonly namespace: string;
  readonly view?: string;
  readonly tokenFile?: string;
}

/** An Intent as its status and the planner's last round tell it. */
export interface Explained {
  /** `namespace/name`. */
  readonly name: string;
  readonly target: string;
  readonly active: boolean;
  readonly status: IntentStatus;
  /** null: the planner was not asked, or does not plan for it. */
  readonly round: IntentView | null;
}

interface IntentObject {
  readonly spec?: {
    readonly targetRef?: { readonly kind?: string; readonly name?: string };
    readonly active?: boolean;
  };
  readonly status?: IntentStatus;
}

/** @throws FieldError where there is no such Intent or no view, KubeError */
export async function explainIntent(
  given: string,
  { namespace, view, tokenFile }: ExplainOptions,
  transport: KubeTransport,
): Promise<Explained> {
  const name = given.includes("/") ? given : `${namespace}/${given}`;
  const { spec = {}, status = {} } = await intentOf(name, transport);
  const { kind = "Deployment", name: target = "" } = spec.targetRef ?? {};
  const round = view === undefined ? null : roundOf(name, (await readView("/intents", view, tokenFile)) as IntentsView);
  return { name, target: `${kind} ${target}`, active: spec.active ?? true, status, round };
}

async function intentOf(key: string, transport: KubeTransport): Promise<IntentObject> {
  const [namespace = "", name = ""] = key.split("/");
  try {
    return (await getObject(transport, intentResource, { namespace, name })) as IntentObject;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) throw errorAt("NAME", key, "is not there");
    throw error;
  }
}

function roundOf(name: string, { intents }: IntentsView): IntentView | null {
  return intents.find((one) => one.name === name) ?? null;
}

/** An Intent for people. */
export function printExplained({ name, target, active, status, round }: Explained): string {
  const { verdict = "not planned for yet", conditions = [], objectives = [], lastPlan } = status;
  const lines = [
    `${name} → ${target}: ${verdict}${active ? "" : " (not active: nothing is done)"}`,
    ...objectives.map(toldObjective),
    ...conditions.filter(({ status: is }) => is !== "False").map(toldCondition),
    ...(lastPlan === undefined ? [] : toldPlan(lastPlan)),
    ...(round === null ? [] : toldRound(round)),
  ];
  return `${lines.join("\n")}\n`;
}

function toldObjective(one: NonNullable<IntentStatus["objectives"]>[number]): string {
  const { name, current, target, met, since, stale } = one;
  const value = current === undefined ? "not known" : `${current}${stale ? " (stale)" : ""}`;
  const state = met === undefined ? "not known" : met ? "met" : "missed";
  return `  ${name}: ${value}, target ${target}, ${state}${since === undefined ? "" : ` since ${since}`}`;
}

function toldCondition({ type, status, reason, message }: NonNullable<IntentStatus["conditions"]>[number]): string {
  return `  ${type} ${status}: ${[reason, message].filter((text) => text !== "").join(", ")}`;
}

function toldPlan({ at, actions, cost, outcome, message, predicted = [], seen, rejected = [] }: LastPlan): string[] {
  const values = (list: NonNullable<LastPlan["seen"]>): string =>
    list.map(({ profile, value }) => `${profile} ${value}`).join(", ");
  return [
    `  last plan, ${at}: ${actions.map(toldAction).join(", ")}, cost ${cost}`,
    `    ${outcome ?? "no outcome"}${message ? `: ${message}` : ""}`,
    `    predicted ${values(predicted) || "nothing"}; seen ${seen === undefined ? "not yet" : values(seen) || "nothing"}`,
    ...rejected.map((one) => `    not ${one.name}: ${one.reason}`),
  ];
}

type LastPlan = NonNullable<IntentStatus["lastPlan"]>;

function toldRound({ verdict, reason, plan, rejected, execution }: IntentView): string[] {
  return [
    `  last round: ${verdict}, ${reason}`,
    `    plan: ${plan.length === 0 ? "nothing" : plan.map(toldAction).join(", ")}`,
    ...(execution === null ? [] : [`    ${execution.verdict}: ${execution.message}`]),
    ...rejected.map((one) => `    not ${toldAction(one)}: ${one.reason}`),
  ];
}
