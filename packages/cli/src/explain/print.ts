import type { Explanation } from "@walras/api";

import { type Colour, painted, type Screen } from "../output/screen.ts";
import { tableText } from "../output/table.ts";

/** States that somebody should look at, and those of which nothing is known. */
const alarming = /^(Rationed|UsedUp|Infeasible|Error|Drift|ReleaseFailed|ReleaseRefused|JobStranded|NotReady)$/;
const waiting = /^(Unknown|Untold|Held|Deferred|WaitingForRoom|Waiting|NoNodes|Priced)/;

/** An explanation for people: how it stands, why, by which numbers, and what would change it. */
export function printExplanation(explanation: Explanation, screen: Screen): string {
  const { subject, state, verdict, since, reasons, numbers, change, unknown, events, sources } = explanation;
  const name = subject.namespace === undefined ? subject.name : `${subject.namespace}/${subject.name}`;
  const head = `${subject.kind} ${name}: ${painted(state, colourOf(state), screen)}\n  ${verdict}\n`;
  const whole = [
    head,
    since === null ? "" : `  since ${since}\n`,
    section(
      "why",
      reasons.filter(({ message }) => message !== verdict),
      ({ reason, message }) => (message === "" ? reason : `${reason}: ${message}`),
      screen,
    ),
    numbers.length === 0 ? "" : `\n${painted("numbers", "bold", screen)}\n${indented(numberTable(numbers, screen))}`,
    section("what would change it", change, (text) => text, screen),
    section("not known", unknown, (text) => text, screen),
    section(
      "told",
      events,
      ({ at, reason, message, count }) => `${at} ${reason}${count > 1 ? ` (${count} times)` : ""}: ${message}`,
      screen,
    ),
    section(
      "from",
      sources,
      ({ apiVersion, kind, namespace, name: of, path = "" }) =>
        `${kind} ${namespace === undefined ? of : `${namespace}/${of}`} (${apiVersion}) ${path}`.trimEnd(),
      screen,
    ),
  ];
  return whole.join("");
}

function colourOf(state: string): Colour {
  if (alarming.test(state)) return "red";
  return waiting.test(state) ? "yellow" : "green";
}

function section<Item>(title: string, items: readonly Item[], line: (item: Item) => string, screen: Screen): string {
  if (items.length === 0) return "";
  const lines = items.map((item) => `${fitted(`  ${line(item)}`, screen.width)}\n`);
  return `\n${painted(title, "bold", screen)}\n${lines.join("")}`;
}

/** Whoever wants the rest takes JSON, or another width. */
function fitted(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

function numberTable(numbers: Explanation["numbers"], screen: Screen): string {
  return tableText(
    [
      { head: "", of: ({ name }) => name },
      { head: "", of: ({ value }) => (value === null ? "not known" : String(value)), right: true },
      { head: "", of: ({ unit }) => unit },
      { head: "", of: ({ made }) => made, gives: true },
    ],
    numbers,
    { ...screen, width: screen.width - 2 },
  ).replace(/^.*\n/, "");
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "  ");
}
