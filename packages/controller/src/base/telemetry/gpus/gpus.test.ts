import { VirtualClock } from "@walras/kit";
import type { GpuSection } from "@walras/proto";
import { beforeEach, describe, expect, it } from "vitest";

import type { PodState } from "../../cluster/pod.ts";
import { aContainerState, aPod } from "../../cluster/testing.ts";
import { baseMetrics, type BaseMetrics } from "../../ops/metrics.ts";
import { metricsIn, Registry } from "../../ops/registry.ts";
import { showGpus } from "./series.ts";
import { AgentFeed } from "../ledger/feed.ts";
import { KnownGpus } from "./known.ts";
import { gpusView } from "./view.ts";
import { Ledger } from "../ledger/ledger.ts";
import { aGpu, aProcess, aSection, gpuReport, gpuUuid, heldByPod } from "../ledger/testing.ts";

let clock: VirtualClock;
let ledger: Ledger;
let pods: PodState[];
let known: KnownGpus;
let feed: AgentFeed;
let sequence: number;

beforeEach(() => {
  clock = new VirtualClock();
  ledger = new Ledger();
  pods = [aPod({ uid: "uid-a", name: "a", containers: [aContainerState({ containerId: "c-7" })] })];
  known = new KnownGpus({ ledger, view: { podsOn: () => pods }, clock });
  feed = new AgentFeed({ capacityMilli: () => 4000, pods: () => new Map() });
  sequence = 0;
});

function say(section?: GpuSection): void {
  ledger.apply("n1", feed.read(gpuReport((sequence += 1), section), clock.monotonicMs()));
}

const processes = (...of: ReturnType<typeof aProcess>[]) => ({ processes: { processes: of, leftOut: 0 } });

describe("the GPUs of a node", () => {
  it("are not known before its agent tells of them, and get older while it does not", async () => {
    say();
    expect(known.of("n1")).toBeNull();
    say(aSection([aGpu(0)], { ageMillis: 500 }));
    await clock.advance(4_000);
    say();
    expect(known.of("n1")).toMatchObject({ ageMs: 4_500, gpus: [{ uuid: gpuUuid(0), memoryMiB: 81_559 }] });
    expect(known.of("n2")).toBeNull();
    ledger.forgetNode("n1");
    expect(known.of("n1")).toBeNull();
  });

  it("are not known where the driver cannot be asked; a node without trouble may have none", () => {
    say(aSection([], { trouble: "Driver/library version mismatch" }));
    expect(known.of("n1")).toBeNull();
    say(aSection([]));
    expect(known.of("n1")).toMatchObject({ gpus: [] });
  });

  it("are those of the last report that tells of them", () => {
    say(aSection([aGpu(0), aGpu(1)]));
    say(aSection([aGpu(1)]));
    expect(known.of("n1")?.gpus.map(({ index }) => index)).toEqual([1]);
  });

  it("have the node's pods as holders: by the kubelet, and by their processes", () => {
    pods.push(aPod({ uid: "uid-s", configHash: "hash-s", name: "static" }));
    const held = { holders: [heldByPod("a"), heldByPod("a"), heldByPod("of-another-node")] };
    say(
      aSection([aGpu(0, { ...held, ...processes(aProcess(7, "uid-a"), aProcess(8, "uid-a"), aProcess(9, "hash-s")) })]),
    );
    expect(known.of("n1")?.gpus[0]).toMatchObject({
      holders: [
        { namespace: "default", pod: "a", by: "kubelet" },
        { namespace: "default", pod: "a", by: "process" },
        { namespace: "default", pod: "static", by: "process" },
      ],
      foreignPids: [],
    });
  });

  it("know a process by its container where its cgroup does not tell the pod", () => {
    say(aSection([aGpu(0, processes({ ...aProcess(7, ""), containerId: "c-7" }))]));
    expect(known.of("n1")?.gpus[0]).toMatchObject({ holders: [{ pod: "a", by: "process" }], foreignPids: [] });
  });

  it("have foreign processes: outside of all containers, and in those of no pod of the node", () => {
    const gone = { ...aProcess(10, ""), place: 0 as const };
    say(aSection([aGpu(0, processes(aProcess(7, null), aProcess(8, "stranger"), aProcess(9, ""), gone))]));
    expect(known.of("n1")?.gpus[0]).toMatchObject({ holders: [], foreignPids: [7, 8, 9] });
  });

  it("are not held by a pod that has ended, though the kubelet still tells of it", () => {
    pods = [aPod({ name: "a", phase: "Succeeded" })];
    say(aSection([aGpu(0, { holders: [heldByPod("a")] })]));
    expect(known.of("n1")?.gpus[0]?.holders).toEqual([]);
    pods = [aPod({ name: "a", phase: "Running" })];
    expect(known.of("n1")?.gpus[0]?.holders).toHaveLength(1);
  });

  it("are shown with what is not known of them", async () => {
    say(aSection([aGpu(0)], { holdersTrouble: "permission denied" }));
    ledger.apply("n0", { containers: [], gone: [], node: null, gpus: null, rejections: [], resync: false });
    await clock.advance(1_000);
    expect(gpusView(ledger, known, clock)).toMatchObject({
      nodes: [{ node: "n1", ageMs: 1_000, trouble: null, holdersTrouble: "permission denied", gpus: [{ index: 0 }] }],
    });
  });
});

describe("metrics of GPUs", () => {
  let registry: Registry;
  let metrics: BaseMetrics;

  beforeEach(() => {
    registry = new Registry();
    metrics = baseMetrics(registry, metricsIn(registry));
  });

  async function shown(): Promise<string[]> {
    showGpus(metrics.gpus, known, ledger.nodes());
    return (await registry.metrics()).split("\n").filter((line) => line.startsWith("walras_gpu_"));
  }

  it("tell each GPU with the pod that has it", async () => {
    const busy = aGpu(0, {
      utilisationPermille: 345,
      memoryUsedMib: 2,
      holders: [heldByPod("a")],
      unhealthy: "Xid 79",
    });
    say(aSection([busy]));
    const labels = `{node="n1",gpu="0",uuid="${gpuUuid(0)}",model="NVIDIA H100 80GB HBM3",namespace="default",pod="a"}`;
    expect(await shown()).toEqual([
      `walras_gpu_utilisation_ratio${labels} 0.345`,
      `walras_gpu_memory_used_bytes${labels} ${2 * 2 ** 20}`,
      `walras_gpu_memory_total_bytes${labels} ${81_559 * 2 ** 20}`,
      `walras_gpu_power_watts${labels} 70`,
      `walras_gpu_temperature_celsius${labels} 30`,
      `walras_gpu_healthy${labels} 0`,
    ]);
  });

  it("are as many as there are GPUs, whoever comes and goes", async () => {
    for (const name of ["a", "b", "c"]) {
      pods = [aPod({ name })];
      say(aSection([aGpu(0, { holders: [heldByPod(name)] })]));
      const lines = await shown();
      expect(lines).toHaveLength(6);
      expect(lines.every((line) => line.includes(`pod="${name}"`))).toBe(true);
    }
  });

  it("name nobody where several share a GPU, or none has it", async () => {
    pods = [aPod({ name: "a" }), aPod({ name: "b" })];
    say(aSection([aGpu(0, { holders: [heldByPod("a"), heldByPod("b")] }), aGpu(1)]));
    const lines = await shown();
    expect(lines).toHaveLength(12);
    expect(lines.every((line) => line.includes('namespace="",pod=""'))).toBe(true);
  });

  it("leave out what is not known, GPUs that went away, and those that nobody tells of any more", async () => {
    say(aSection([aGpu(0, { utilisationPermille: undefined }), aGpu(1)]));
    expect(await shown()).toHaveLength(11);
    say(aSection([aGpu(1)]));
    expect(await shown()).toHaveLength(6);
    await clock.advance(61_000);
    expect(await shown()).toEqual([]);
    say(aSection([aGpu(1)]));
    expect(await shown()).toHaveLength(6);
    ledger.forgetNode("n1");
    expect(await shown()).toEqual([]);
  });
});
