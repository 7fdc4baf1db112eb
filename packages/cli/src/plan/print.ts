import { changeText, coresText, milliText } from "../output/numbers.ts";
import type { Screen } from "../output/screen.ts";
import { type Column, tableText } from "../output/table.ts";
import type { Plan, PlannedPod } from "./plan.ts";

const columns: readonly Column<PlannedPod>[] = [
  { head: "NAMESPACE", of: ({ namespace }) => namespace, gives: true },
  { head: "POD", of: ({ pod }) => pod, gives: true },
  { head: "REQUEST", of: ({ now }) => milliText(now.requestMilli), right: true },
  { head: "PROPOSED", of: ({ proposed }) => milliText(proposed.requestMilli), right: true },
  {
    head: "CHANGE",
    of: ({ changeMilli }) => (changeMilli === null ? "not known" : changeText(changeMilli)),
    right: true,
    colour: ({ changeMilli }) => (changeMilli === null ? "yellow" : changeMilli < 0 ? "green" : undefined),
  },
  { head: "LIMIT", of: ({ now }) => milliText(now.limitMilli), right: true },
  { head: "PROPOSED", of: ({ proposed }) => milliText(proposed.limitMilli), right: true },
  { head: "HABIT", of: ({ habitMilli }) => milliText(habitMilli), right: true },
  { head: "TRUST", of: ({ trustPercent }) => (trustPercent === null ? "-" : `${trustPercent}%`), right: true },
  { head: "BINDING", of: ({ binding }) => binding ?? "-" },
  { head: "REASON", of: ({ reason }) => reason },
];

/** @param all those too of which the request stays */
export function printPlan({ pods, sum, habitsKnown }: Plan, all: boolean, screen: Screen): string {
  const shown = all ? pods : pods.filter(({ changeMilli }) => changeMilli !== 0);
  const same = pods.length - shown.length;
  const lines = [
    `requests of ${sum.pods} pods: ${coresText(sum.nowMilli)} cores now, ${coresText(sum.proposedMilli)} proposed`,
    ...(same > 0 ? [`${same} stay as they are: --all shows them`] : []),
    ...(sum.unknown > 0 ? [`${sum.unknown} are not known well enough to propose anything`] : []),
    ...(sum.notOnMarket > 0 ? [`${sum.notOnMarket} pods are not on the market and not in this`] : []),
    ...(habitsKnown ? [] : ["habits are not known: WorkloadProfiles are not installed or may not be read"]),
  ];
  const table = shown.length === 0 ? "" : `${tableText(columns, shown, screen)}\n`;
  return `${table}${lines.map((line) => `${line}\n`).join("")}`;
}
