import type { SummaryStrip } from "@walras/api";

import { coresText, countText, numberText, orUnknown, shareText } from "./format.ts";

/** One figure of the strip. */
export interface Figure {
  readonly label: string;
  /** What explains it: the key of `/api/explain/KEY`. */
  readonly key: string;
  readonly value: string;
  readonly note: string;
  readonly tone: "plain" | "warn" | "bad";
  /** By which the nodes concerned are found; absent where there are none. */
  readonly filter?: string;
}

const hoursPerMonth = 730;

/** Money a month for some millicores, at a price a core-hour. */
function monthly(milli: number, coreHourPrice: number): number {
  return (milli / 1000) * coreHourPrice * hoursPerMonth;
}

/** Money is made of the reader's own price where there is one. @param ownPrice null: the controller's */
export function moneyOf(
  strip: SummaryStrip,
  ownPrice: number | null,
): Readonly<Record<"promised" | "saved" | "offered", number>> {
  const price = ownPrice ?? strip.coreHourPrice;
  return {
    promised: monthly(strip.promisedMilli, price),
    saved: monthly(strip.declaredMilli - strip.requestedMilli, price),
    offered: monthly(strip.requestedMilli - strip.recommendedMilli, price),
  };
}

/** The strip, but for the money. */
export function figuresOf(strip: SummaryStrip): readonly Figure[] {
  return [throttled(strip), promised(strip), used(strip), rationed(strip), unknownNodes(strip), conflicts(strip)];
}

function throttled({ throttledSecondsPerMinute }: SummaryStrip): Figure {
  return {
    label: "Throttled",
    key: "strip.throttledSecondsPerMinute",
    value: orUnknown(throttledSecondsPerMinute, (seconds) => `${numberText(seconds)} s`),
    note: throttledSecondsPerMinute === null ? "no agent tells" : "each minute",
    tone: throttledSecondsPerMinute === null ? "warn" : "plain",
  };
}

function promised({ promisedMilli, allocatableMilli }: SummaryStrip): Figure {
  return {
    label: "Cores promised",
    key: "strip.promisedMilli",
    value: coresText(promisedMilli),
    note: `${shareOf(promisedMilli, allocatableMilli)} of ${coresText(allocatableMilli)}`,
    tone: promisedMilli > allocatableMilli ? "bad" : "plain",
  };
}

function used({ usedMilli, allocatableMilli }: SummaryStrip): Figure {
  return {
    label: "Cores used",
    key: "strip.usedMilli",
    value: orUnknown(usedMilli, coresText),
    note:
      usedMilli === null
        ? "no agent tells"
        : `${shareOf(usedMilli, allocatableMilli)} of ${coresText(allocatableMilli)}`,
    tone: usedMilli === null ? "warn" : "plain",
  };
}

function rationed({ rationedPods, pods }: SummaryStrip): Figure {
  return {
    label: "Pods rationed",
    key: "strip.rationedPods",
    value: countText(rationedPods),
    note: `of ${countText(pods)} on the market`,
    tone: rationedPods > 0 ? "warn" : "plain",
    ...(rationedPods > 0 && { filter: "rationed>0" }),
  };
}

function unknownNodes({ unknownNodes: count, nodes }: SummaryStrip): Figure {
  return {
    label: "Nodes unknown",
    key: "strip.unknownNodes",
    value: countText(count),
    note: `of ${countText(nodes)}`,
    tone: count > 0 ? "warn" : "plain",
    ...(count > 0 && { filter: "state:unknown" }),
  };
}

function conflicts({ conflicts: count }: SummaryStrip): Figure {
  return {
    label: "Conflicts",
    key: "strip.conflicts",
    value: countText(count),
    note: "decided by two",
    tone: count > 0 ? "bad" : "plain",
  };
}

function shareOf(part: number, whole: number): string {
  return whole > 0 ? shareText(part / whole) : "nothing";
}

/** @returns null for a price that is none: it must be a number from 0 on */
export function parsePrice(text: string): number | null {
  const price = Number(text.trim().replace(",", "."));
  return text.trim() !== "" && Number.isFinite(price) && price >= 0 ? price : null;
}
