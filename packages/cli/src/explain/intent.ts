import { type Explanation, intentResource } from "@walras/api";
import type { KubeTransport } from "@walras/kube";

import { eventsOn } from "../cluster/events.ts";
import { ifThere, nameOf } from "../cluster/read.ts";
import type { Metadata } from "../cluster/objects.ts";
import { type Explained, explainIntent as read, type ExplainOptions } from "../intents/explain.ts";
import { toldAction } from "../intents/told.ts";
import { cut, numberOf, type Numbered, type Reason, sourceOf, unreadEvents } from "./parts.ts";

/** How an Intent stands, from its status, in the shape of all explanations. @throws FieldError, ClusterError, KubeError */
export async function explainIntent(
  written: string,
  options: ExplainOptions,
  transport: KubeTransport,
): Promise<Explanation> {
  const name = nameOf(written, options.namespace, "intent");
  const explained = await read(written, options, transport);
  const object = await ifThere<{ readonly metadata: Metadata }>(transport, intentResource, name);
  const events = object ? await eventsOn(transport, "Intent", object.metadata) : [];
  return {
    subject: { kind: "intent", ...name },
    ...verdictOf(explained),
    numbers: numbersOf(explained),
    reasons: reasonsOf(explained),
    unknown: [
      ...(events === null ? [unreadEvents] : []),
      ...(options.view === undefined ? ["what the planner decided in its last round: --view URL asks it"] : []),
    ],
    events: events ?? [],
    sources: [sourceOf(intentResource, name, ".status")],
  };
}

function verdictOf({ status, target, active }: Explained): Pick<Explanation, "state" | "verdict" | "since" | "change"> {
  const { verdict = "Untold", objectives = [], conditions = [] } = status;
  const missed = objectives.filter(({ met }) => met === false);
  const since =
    missed.flatMap(({ since: at }) => at ?? []).toSorted()[0] ??
    conditions.find(({ type, status: is }) => type === "Fulfilled" && is === "True")?.lastTransitionTime;
  const stands =
    missed.length === 0 ? "no objective is known to be missed" : `${missed.map(({ name }) => name).join(", ")} missed`;
  return {
    state: verdict,
    verdict: cut(`${target}: ${verdict}, ${stands}${active ? "" : "; not active: nothing is done"}`, 4096),
    since: since === undefined ? null : new Date(since).toISOString(),
    change: active ? [] : ["spec.active: true"],
  };
}

function numbersOf({ status }: Explained): Numbered[] {
  return (status.objectives ?? []).flatMap(({ name, profile, current, target, stale }, index) => [
    numberOf(
      cut(name, 50),
      current,
      "",
      `${cut(profile, 400)}, status.objectives[${index}].current${stale ? ": too old to be decided from" : ""}`,
    ),
    numberOf(`${cut(name, 50)} target`, target, "", `status.objectives[${index}].target`),
  ]);
}

function reasonsOf({ status, round }: Explained): Reason[] {
  const { conditions = [], lastPlan } = status;
  return [
    ...conditions
      .filter(({ status: is }) => is !== "False")
      .map(({ reason, message }) => ({ reason: cut(reason, 128), message: cut(message, 4096) })),
    ...(lastPlan
      ? [
          {
            reason: "LastPlan",
            message: cut(
              `${lastPlan.at}: ${lastPlan.actions.map(toldAction).join(", ")}, cost ${lastPlan.cost}; ${lastPlan.outcome ?? "no outcome yet"}`,
              4096,
            ),
          },
        ]
      : []),
    ...(lastPlan?.rejected ?? [])
      .slice(0, mostRejected)
      .map(({ name, reason }) => ({ reason: "NotPlanned", message: `${name}: ${reason}` })),
    ...(round
      ? [
          {
            reason: "LastRound",
            message: cut(
              `${round.verdict}, ${round.reason}; plan: ${round.plan.map(toldAction).join(", ") || "nothing"}`,
              4096,
            ),
          },
        ]
      : []),
  ];
}

const mostRejected = 20;
