import { describe, expect, it } from "vitest";

import { aPod } from "../../../base/cluster/testing.ts";
import { ResizeLog } from "./log.ts";
import { isPaused, type Lane, standingRefusal } from "./memory.ts";
import { forbidsForEver, laneOf } from "./refusal.ts";
import { lanesOf, resizeTo } from "./resize.ts";
import { sized } from "./testing.ts";

const every: readonly Lane[] = ["request", "limit", "cut"];

describe("a refusal", () => {
  it.each<[string, string, string, readonly Lane[]]>([
    ["of a cut below the least", "LimitRange", "minimum cpu usage per Container is 100m, but request is 20m", ["cut"]],
    [
      "of a limit above the highest",
      "LimitRange",
      "maximum cpu usage per Container is 500m, but limit is 690m",
      ["request", "limit"],
    ],
    [
      "for want of quota on requests",
      "QuotaExceeded",
      "exceeded quota: team, requested: requests.cpu=170m, used: requests.cpu=300m, limited: requests.cpu=300m",
      ["request"],
    ],
    [
      "for want of quota on limits",
      "QuotaExceeded",
      "exceeded quota: team, requested: limits.cpu=100m, used: limits.cpu=1, limited: limits.cpu=1",
      ["limit"],
    ],
    [
      "for want of a node's capacity",
      "NodeCapacity",
      "node didn't have enough allocatable resources: cpu, requested: 5000, allocatable: 1900",
      ["request"],
    ],
    ["that does not tell what it is about", "Invalid", "no", every],
  ])("%s closes its own lanes only", (_, reason, message, lanes) => {
    expect(laneOf({ reason, message }, every)).toEqual(lanes);
  });

  it("closes no lane that was not asked for", () => {
    expect(laneOf({ reason: "LimitRange", message: "minimum cpu usage per Container is 100m" }, ["limit"])).toEqual([
      "limit",
    ]);
  });

  it("of cuts pauses longer each time and never holds up a raise; nor the other way about", () => {
    const log = new ResizeLog();
    const why = { reason: "LimitRange", message: "minimum cpu usage per Container is 100m" };
    log.refused("u", ["cut"], why, 0);
    log.refused("u", ["cut"], why, 30_000);
    const { refusals } = log.of("u");
    expect(refusals.cut).toMatchObject({ attempts: 2, untilMs: 90_000 });
    expect(["request", "limit"].map((lane) => isPaused(refusals, lane as Lane, 30_000))).toEqual([false, false]);
    log.refused("u", ["limit"], { reason: "LimitRange", message: "" }, 30_000);
    expect(log.of("u").refusals.cut?.untilMs).toBe(90_000);
    expect(standingRefusal(log.of("u"), 95_000)).toBeNull();
  });

  it("for want of quota is over after the first pause once quota is free, however often it was refused", () => {
    const log = new ResizeLog();
    const why = { reason: "QuotaExceeded", message: "" };
    for (const nowMs of [0, 30_000, 90_000, 210_000]) log.refused("u", ["request"], why, nowMs);
    expect(log.of("u").refusals.request?.untilMs).toBe(450_000);
    log.mayAskAgain(() => false, "QuotaExceeded");
    expect(log.of("u").refusals.request?.untilMs).toBe(450_000);
    log.mayAskAgain((uid) => uid === "u", "QuotaExceeded");
    expect(log.of("u").refusals.request?.untilMs).toBe(240_000);
  });

  it("by a static policy of the node stands for the pod's life", () => {
    const message = "Resize is infeasible for Guaranteed Pods alongside CPU Manager static policy";
    expect(forbidsForEver(message)).toBe(true);
    const log = new ResizeLog();
    log.noted("u", { kind: "infeasible", message }, 0);
    expect(log.of("u").barred).toEqual({ reason: "StaticManager", message });
    expect(forbidsForEver("Node didn't have enough capacity: cpu, requested: 5000, capacity: 1900")).toBe(false);
  });
});

it("what a resize asks for is told by what it raises and what it cuts", () => {
  const pod = aPod({ containers: [sized(100, 200)] });
  const lanes = (requestMilli: number, limitMilli: number): Lane[] =>
    lanesOf(resizeTo(pod, [{ name: "app", requestMilli, limitMilli }], "market")!);
  expect(lanes(50, 400).toSorted()).toEqual(["cut", "limit"]);
  expect(lanes(150, 200)).toEqual(["request"]);
  expect(lanes(50, 100)).toEqual(["cut"]);
});
