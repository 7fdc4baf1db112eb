import { milliText, priceText, secondsText } from "../output/numbers.ts";
import type { Colour, Screen } from "../output/screen.ts";
import { type Column, tableText } from "../output/table.ts";
import type { TopNode, TopPod } from "./top.ts";

const priced = (price: number | null): Colour | undefined => ((price ?? 0) > 0 ? "red" : undefined);

const throttled: Column<Pick<TopNode, "throttledSecondsPerMinute">> = {
  head: "THROTTLED s/min",
  of: ({ throttledSecondsPerMinute }) => secondsText(throttledSecondsPerMinute),
  right: true,
  colour: ({ throttledSecondsPerMinute }) => ((throttledSecondsPerMinute ?? 0) > 0 ? "red" : undefined),
};

const nodeColumns: readonly Column<TopNode>[] = [
  { head: "NODE", of: ({ node }) => node, gives: true },
  { head: "PRICE", of: ({ price }) => priceText(price), right: true, colour: ({ price }) => priced(price) },
  { head: "OF REQUESTS", of: ({ requestPrice }) => priceText(requestPrice), right: true },
  { head: "ALLOCATABLE", of: ({ allocatableMilli }) => milliText(allocatableMilli), right: true },
  { head: "PROMISED", of: ({ promisedMilli }) => milliText(promisedMilli), right: true },
  { head: "USED", of: ({ usedMilli }) => milliText(usedMilli), right: true },
  throttled,
  { head: "PODS", of: ({ pods }) => String(pods), right: true },
  { head: "ON MARKET", of: ({ managed }) => String(managed), right: true },
  {
    head: "RATIONED",
    of: ({ rationed }) => String(rationed),
    right: true,
    colour: ({ rationed }) => (rationed > 0 ? "red" : undefined),
  },
  {
    head: "HELD",
    of: ({ unknown }) => String(unknown),
    right: true,
    colour: ({ unknown }) => (unknown > 0 ? "yellow" : undefined),
  },
];

const podColumns: readonly Column<TopPod>[] = [
  { head: "NAMESPACE", of: ({ namespace }) => namespace, gives: true },
  { head: "POD", of: ({ pod }) => pod, gives: true },
  { head: "NODE", of: ({ node }) => node, gives: true },
  { head: "DECLARED", of: ({ declaredMilli }) => milliText(declaredMilli), right: true },
  { head: "REQUEST", of: ({ requestMilli }) => milliText(requestMilli), right: true },
  { head: "LIMIT", of: ({ limitMilli }) => milliText(limitMilli), right: true },
  { head: "USED", of: ({ usedMilli }) => milliText(usedMilli), right: true },
  throttled,
  {
    head: "RATION",
    of: ({ rationMilli }) => milliText(rationMilli),
    right: true,
    colour: ({ rationMilli }) => (rationMilli === null ? undefined : "red"),
  },
  { head: "PRICE", of: ({ price }) => priceText(price), right: true, colour: ({ price }) => priced(price) },
  { head: "BINDING", of: ({ binding }) => binding ?? "-" },
  { head: "REASON", of: ({ reason }) => reason },
];

export function printNodes(rows: readonly TopNode[], screen: Screen): string {
  return rows.length === 0 ? "there are no nodes\n" : tableText(nodeColumns, rows, screen);
}

export function printPods(rows: readonly TopPod[], screen: Screen): string {
  return rows.length === 0 ? "no pod is on the market\n" : tableText(podColumns, rows, screen);
}
