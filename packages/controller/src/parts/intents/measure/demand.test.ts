import { beforeEach, expect, it } from "vitest";

import type { PodState } from "../../../base/cluster/pod.ts";
import { aContainerState, aPod } from "../../../base/cluster/testing.ts";
import type { ContainerReading } from "../../../base/telemetry/ledger/readings.ts";
import type { Measurement } from "../decide/snapshot.ts";
import { AgentDemand } from "./demand.ts";

let pods: Map<string, PodState>;
let readings: Map<string, ContainerReading>;
let nowMs: number;
let demand: AgentDemand;

beforeEach(() => {
  pods = new Map();
  readings = new Map();
  nowMs = 100_000;
  const ledger = { container: (node: string, id: string) => readings.get(`${node} ${id}`) };
  demand = new AgentDemand({ pods, ledger, staleAfterSeconds: 90, monotonicMs: () => nowMs });
});

function put(uid: string, part: Partial<PodState> = {}, containerIds: readonly string[] = [uid]): void {
  const containers = containerIds.map((containerId) => aContainerState({ containerId }));
  pods.set(uid, aPod({ uid, node: "n1", containers, ...part }));
}

function reads(containerId: string, part: Partial<ContainerReading> = {}): void {
  const idle = { throttledRatio: null, throttledMilli: 0, pressureRatio: null, quotaMilli: null };
  const stream = { lastMs: nowMs, beforeMs: nowMs };
  readings.set(`n1 ${containerId}`, { podUid: "", containerId, atMs: 0, usageMilli: 100, ...idle, stream, ...part });
}

const measured = (kpi: "cpu" | "throttled" = "cpu"): Measurement =>
  demand.of(kpi, { pods: [...pods.keys()].map((uid) => ({ uid, name: uid })) });

it("is the cores in use by all pods, or the greatest part of time that was throttled", () => {
  put("a", {}, ["a", "sidecar"]);
  put("b");
  reads("a", { usageMilli: 700, throttledRatio: 0.1 });
  reads("sidecar", { usageMilli: 50 });
  reads("b", { usageMilli: 250, throttledRatio: 0.4 });
  expect([measured(), measured("throttled")]).toEqual([
    { kind: "value", value: 1 },
    { kind: "value", value: 0.4 },
  ]);
});

it("is as old as the oldest that was said", () => {
  put("a");
  put("b");
  reads("a");
  nowMs += 91_000;
  reads("b");
  expect(measured()).toEqual({ kind: "stale", value: 0.2, ageSeconds: 91 });
});

it("is missing where nothing is said of a container, and without pods", () => {
  expect(measured()).toEqual({ kind: "missing" });
  put("a");
  put("b");
  reads("a");
  expect(measured()).toEqual({ kind: "missing" });
  reads("b");
  pods.delete("b");
  expect(demand.of("cpu", { pods: [{ uid: "b", name: "b" }] })).toEqual({ kind: "missing" });
});

it("does without pods that are starting", () => {
  put("a");
  reads("a");
  put("b", { phase: "Pending" }, []);
  expect(measured()).toEqual({ kind: "value", value: 0.1 });
});
