import { VirtualClock } from "@walras/kit";
import { expect, it } from "vitest";

import { aPod } from "../../../base/cluster/testing.ts";
import { ResizeLog } from "../act/log.ts";
import { resizeTo } from "../act/resize.ts";
import { Explainer } from "./explain.ts";
import type { PodOutcome, RoundResult } from "./result.ts";

const pod = aPod();
const managed = { pod, mode: "full", leftAlone: null, kept: null, declared: new Map(), complaints: [] } as const;
const settled = { managed, verdict: { kind: "settled" }, resize: null, waiting: false, bound: null, ration: null };
const resize = resizeTo(pod, [{ name: "app", requestMilli: 150, limitMilli: 300 }], "market");
const decision = { targets: [], limitPrice: 0, requestPrice: 0, credits: new Map() };

const round = (outcome: object): RoundResult =>
  ({ decision, observation: {}, outcomes: [outcome], fresh: [outcome as PodOutcome] }) as unknown as RoundResult;

it("what cannot be written soon is not said, and is said once it can be", () => {
  const explainer = new Explainer(new ResizeLog(), new VirtualClock());
  expect(explainer.records(round(settled), true)).toEqual([]);
  expect(explainer.records(round(settled), false)).toMatchObject([{ status: { reason: "Applied" } }]);
  expect(explainer.records(round(settled), false)).toEqual([]);
});

it("what a resize waits for is said however much waits", () => {
  const explainer = new Explainer(new ResizeLog(), new VirtualClock());
  const records = explainer.records(round({ ...settled, resize }), true);
  expect(records.map(({ spec }) => spec.podUID)).toEqual([pod.uid]);
});
