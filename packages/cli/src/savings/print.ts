import { coresText } from "../output/numbers.ts";
import { painted, type Screen } from "../output/screen.ts";
import { type Column, tableText } from "../output/table.ts";
import type { Saving, Savings } from "./savings.ts";

const moneyText = (amount: number | null): string => (amount === null ? "-" : amount.toFixed(2));

const columns: readonly Column<Saving>[] = [
  { head: "NAMESPACE", of: ({ namespace }) => namespace || "all", gives: true },
  { head: "PODS", of: ({ pods }) => String(pods), right: true },
  { head: "DECLARED", of: ({ declaredMilli }) => coresText(declaredMilli), right: true },
  { head: "ASKED", of: ({ askedMilli }) => coresText(askedMilli), right: true },
  { head: "NEEDED", of: ({ recommendedMilli }) => coresText(recommendedMilli), right: true },
  { head: "SAVED", of: ({ savedMilli }) => coresText(savedMilli), right: true },
  { head: "BY HABIT", of: ({ habitMilli }) => coresText(habitMilli), right: true },
  { head: "IN ALL", of: ({ allMilli }) => coresText(allMilli), right: true },
  { head: "A MONTH", of: ({ savedMoney }) => moneyText(savedMoney), right: true },
  { head: "BY HABIT", of: ({ habitMoney }) => moneyText(habitMoney), right: true },
  { head: "IN ALL", of: ({ allMoney }) => moneyText(allMoney), right: true },
  { head: "HELD", of: ({ unknownPods }) => String(unknownPods), right: true },
  { head: "OTHERS", of: ({ otherPods }) => String(otherPods), right: true },
];

/** Cores, and money a month. */
export function printSavings({ price, hoursAMonth, namespaces, sum, notKnown }: Savings, screen: Screen): string {
  const rows = namespaces.length > 1 ? [...namespaces, sum] : namespaces;
  const table = rows.length === 0 ? "there are no pods\n" : tableText(columns, rows, screen);
  const made = `cores; a month of money at ${price} a core-hour and ${hoursAMonth} hours`;
  const rest = notKnown.map((line) => `  ${line}\n`).join("");
  return `${table}\n${made}\n${painted("not known", "bold", screen)}\n${rest}`;
}
