import { VirtualClock } from "@walras/kit";
import { beforeEach, describe, expect, it } from "vitest";

import { type Decision, podRef } from "./decision.ts";
import { Teller } from "./teller.ts";

const verdicts = {
  LeftAlone: { about: "Pod", event: "Normal", meaning: "cannot be resized" },
  Refused: { about: "Pod", event: "Warning", meaning: "the API server refused" },
  Resized: { about: "Pod", event: null, meaning: "was resized" },
} as const;

const object = podRef({ namespace: "shop", name: "cart", uid: "u1" });

let events: string[];
let kept: Decision[];
let teller: Teller<typeof verdicts>;

beforeEach(() => {
  events = [];
  kept = [];
  teller = new Teller({
    part: "market",
    action: "Resizing",
    verdicts,
    events: { record: ({ type, reason, note }) => events.push(`${type} ${reason}: ${note}`) },
    history: { append: (decision) => kept.push(decision) },
    clock: new VirtualClock(1_000),
  });
});

describe("a decision", () => {
  it("becomes an Event on its object and an entry of the history, with its numbers", () => {
    teller.tell({ object, verdict: "Refused", reason: "LimitRange", numbers: { requestMilli: 200 } });
    expect(events).toEqual(["Warning Refused: LimitRange"]);
    expect(kept).toEqual([
      { part: "market", object, verdict: "Refused", reason: "LimitRange", numbers: { requestMilli: 200 }, at: 1_000 },
    ]);
  });

  it("that happens all the time is in the history only", () => {
    teller.tell({ object, verdict: "Resized", reason: "up" });
    expect([events, kept.length]).toEqual([[], 1]);
  });

  it("is told once while it holds, again when it changes, and again after it was over", () => {
    const holds = (reason: string | undefined): void =>
      teller.tellOnce("u1 alone", reason === undefined ? undefined : { object, verdict: "LeftAlone", reason });
    for (const reason of ["static", "static", "windows", undefined, "windows"]) holds(reason);
    expect(events.map((event) => event.slice(18))).toEqual(["static", "windows", "windows"]);
  });

  it("is told again only where its gist differs, whatever its numbers say", () => {
    for (const score of [1, 2])
      teller.tellOnce("u1 hold", { object, verdict: "LeftAlone", reason: `score ${score}` }, "closed");
    expect(kept).toHaveLength(1);
    teller.over("u1 hold");
    teller.tellOnce("u1 hold", { object, verdict: "LeftAlone", reason: "score 3" }, "closed");
    expect(kept).toHaveLength(2);
  });

  it("has a reason of bounded length", () => {
    teller.tell({ object, verdict: "Refused", reason: "x".repeat(10_000) });
    expect(kept[0]?.reason).toHaveLength(1024);
  });
});
