import { VirtualClock } from "@walras/kit";
import { expect, it } from "vitest";

import { aPod } from "../../../base/cluster/testing.ts";
import { AgentFeed } from "../../../base/telemetry/ledger/feed.ts";
import { KnownGpus } from "../../../base/telemetry/gpus/known.ts";
import { Ledger } from "../../../base/telemetry/ledger/ledger.ts";
import { aGpu, aProcess, aSection, gpuReport, gpuUuid, heldByPod } from "../../../base/telemetry/ledger/testing.ts";
import { currentFacts, type GpuFacts } from "./facts.ts";
import type { GpuFact } from "./gpuFact.ts";

it("facts about GPUs are the same while only what they measure moves", () => {
  const ledger = new Ledger();
  const facts = new KnownGpus({ ledger, view: { podsOn: () => [] }, clock: new VirtualClock() });
  const feed = new AgentFeed({ capacityMilli: () => 4000, pods: () => new Map() });
  const [idle, busy] = [100, 900].map((utilisationPermille, index) => {
    ledger.apply("n1", feed.read(gpuReport(index + 1, aSection([aGpu(2, { utilisationPermille })])), 0));
    return { told: facts.of("n1")?.gpus[0]?.utilisation, current: currentFacts(facts, [{ name: "n1" }]) };
  });
  expect([idle?.told, busy?.told]).toEqual([0.1, 0.9]);
  expect(busy?.current).toEqual(idle?.current);
  expect(idle?.current.get("n1")).toHaveLength(1);
});

it("facts about GPUs are what the ledger knows of them", () => {
  const ledger = new Ledger();
  const facts: GpuFacts = new KnownGpus({
    ledger,
    view: { podsOn: () => [aPod({ name: "a" })] },
    clock: new VirtualClock(),
  });
  const feed = new AgentFeed({ capacityMilli: () => 4000, pods: () => new Map() });
  const processes = { processes: [aProcess(7, null)], leftOut: 0 };
  const section = aSection([aGpu(2, { holders: [heldByPod("a")], processes, unhealthy: "Xid 79" })]);
  ledger.apply("n1", feed.read(gpuReport(1, section), 0));
  const fact: GpuFact = {
    uuid: gpuUuid(2),
    index: 2,
    model: "NVIDIA H100 80GB HBM3",
    memoryMiB: 81_559,
    unhealthy: "Xid 79",
    holders: [{ namespace: "default", pod: "a", by: "kubelet" }],
    foreignPids: [7],
  };
  expect(facts.of("n1")).toMatchObject({ ageMs: 0, gpus: [fact] });
  expect(facts.of("n2")).toBeNull();
});
