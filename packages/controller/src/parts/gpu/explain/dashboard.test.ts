import { dashboardGpus, type GpuSeat } from "@walras/api";
import { expect, it } from "vitest";

import type { KnownGpu } from "../../../base/telemetry/gpus/known.ts";
import { nothingAsked, type SchedPod } from "../decide/schedule/pod.ts";
import { gpusOf } from "./dashboard.ts";

function gpu(index: number, given: Partial<KnownGpu> = {}): KnownGpu {
  return {
    uuid: `GPU-${index}`,
    index,
    minor: index,
    pciBusId: "",
    model: "A100",
    memoryTotalMiB: 40_000,
    memoryMiB: 40_000,
    memoryUsedMiB: 0,
    utilisation: 0,
    powerWatts: null,
    temperatureCelsius: null,
    mig: "disabled",
    migDevices: [],
    uncorrectedEcc: null,
    xid: null,
    unhealthy: null,
    offeredAs: [],
    processes: [],
    processesLeftOut: 0,
    holders: [],
    foreignPids: [],
    ...given,
  };
}

function pod(name: string, given: Partial<SchedPod> = {}): SchedPod {
  const common = {
    uid: name,
    namespace: "lab",
    name,
    node: "a",
    ended: false,
    terminating: false,
    ours: true,
    request: {},
  };
  return { ...nothingAsked, ...common, ...given };
}

const held = (name: string, by: "kubelet" | "process"): KnownGpu["holders"][number] => ({
  namespace: "lab",
  pod: name,
  by,
});

function seats(gpus: readonly KnownGpu[], pods: readonly SchedPod[]): (readonly [string, GpuSeat[]])[] {
  const node = { node: "a", ageMs: 10, reading: { source: "nvidia-smi" as const, trouble: null }, gpus, pods };
  const shown = dashboardGpus.parse(gpusOf(0, [node], [pod("waits", { node: "" })]));
  return (shown.nodes[0]?.gpus ?? []).map((one) => [one.uuid, one.seats]);
}

const common = { namespace: "lab", drift: false };

it("shows a pod on the GPU that it was meant to have, as four tell of it", () => {
  const gpus = [gpu(0, { holders: [held("a-0", "kubelet"), held("a-0", "process")] }), gpu(1)];
  expect(seats(gpus, [pod("a-0", { devices: ["GPU-0"], enforcedBy: "env" }), pod("idle")])).toEqual([
    ["GPU-0", [{ ...common, pod: "a-0", intended: true, kubelet: true, container: true, process: true }]],
    ["GPU-1", []],
  ]);
});

it("tells drift where the kubelet gave another, or a process is on another", () => {
  const gpus = [gpu(0), gpu(1, { holders: [held("a-0", "kubelet"), held("a-1", "process")] }), gpu(2)];
  const pods = [pod("a-0", { devices: ["GPU-0"] }), pod("a-1", { devices: ["GPU-2"], enforcedBy: "env" })];
  expect(seats(gpus, pods)).toEqual([
    [
      "GPU-0",
      [{ ...common, pod: "a-0", intended: true, kubelet: false, container: null, process: false, drift: true }],
    ],
    [
      "GPU-1",
      [
        { ...common, pod: "a-0", intended: false, kubelet: true, container: null, process: false, drift: true },
        { ...common, pod: "a-1", intended: false, kubelet: null, container: false, process: true, drift: true },
      ],
    ],
    ["GPU-2", [{ ...common, pod: "a-1", intended: true, kubelet: null, container: true, process: false }]],
  ]);
});

it("does not take an idle GPU for drift, nor what nobody tells for false", () => {
  const gpus = [gpu(0, { processes: null, holders: [held("b", "kubelet")] })];
  expect(seats(gpus, [pod("b"), pod("c", { devices: ["GPU-0"] })])).toEqual([
    [
      "GPU-0",
      [
        { ...common, pod: "b", intended: null, kubelet: true, container: null, process: null },
        { ...common, pod: "c", intended: true, kubelet: null, container: null, process: null },
      ],
    ],
  ]);
});
