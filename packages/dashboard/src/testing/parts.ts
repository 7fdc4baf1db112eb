import type {
  DashboardGpu,
  DashboardGpus,
  DashboardIntents,
  DashboardReleases,
  DashboardSlots,
  GpuSeat,
  QueuedRelease,
} from "@walras/api";
import { seededRng } from "@walras/kit/rng";

import { nowMs } from "./cluster.ts";

const hourMs = 3_600_000;

export function releasesFixture(): DashboardReleases {
  // The clinic is closed from 20:00 to 07:00 in Vienna, which is 19:00 to 06:00 UTC.
  const opens = Date.UTC(2026, 10, 30, 19);
  return {
    atMs: nowMs - 4_000,
    window: { open: false, reason: "WEEKDAY 07:00–20:00 is blocked", untilMs: opens },
    zone: "Europe/Vienna",
    calendar: [0, 1, 2, 3, 4, 6].map((day) => ({
      fromMs: opens + day * 24 * hourMs,
      untilMs: opens + day * 24 * hourMs + (day === 4 ? 35 : 11) * hourMs,
    })),
    freezes: [
      { fromMs: opens + 30 * hourMs, untilMs: opens + 60 * hourMs, except: ["argocd/onco-app"], by: "dana: audit" },
    ],
    freezeTrouble: null,
    headroom: 0.34,
    headroomSource: "agents",
    queue: [
      queued("argocd/onco-app", {
        reason: "outside_allowed_window",
        detail: "its calendar opens at 20:00",
        nextOpenMs: opens,
        total: 3.91,
      }),
      queued("argocd/lab-results", {
        reason: "waits_for_dependency",
        detail: "argocd/lab-db is not healthy",
        nextOpenMs: null,
        total: 3.4,
      }),
      queued("argocd/imaging", {
        reason: "high_risk_paused",
        detail: "risk 0.82 is at or above 0.7, and nobody has approved",
        nextOpenMs: null,
        total: 2.2,
      }),
      queued("team-a/web", {
        reason: "outside_allowed_window",
        detail: "its calendar opens at 20:00",
        nextOpenMs: opens,
        total: 1.7,
      }),
      queued("argocd/billing", {
        reason: "frozen",
        detail: "frozen by dana: audit",
        nextOpenMs: opens + 60 * hourMs,
        total: 1.12,
      }),
    ],
    inFlight: [
      {
        app: "argocd/portal",
        release: "portal-3f1c9a2",
        phase: "waiting for health",
        revisions: ["3f1c9a2be04d"],
        sinceMs: nowMs - 95_000,
        rollback: false,
      },
    ],
    configError: null,
  };
}

interface QueuedFixture {
  readonly reason: string;
  readonly detail: string;
  readonly nextOpenMs: number | null;
  readonly total: number;
}

function queued(app: string, { reason, detail, nextOpenMs, total }: QueuedFixture): QueuedRelease {
  const part = Number((total / 5).toFixed(3));
  const score = { depth: part, inverseResource: part, risk: part, window: part, wait: part, total };
  return { app, selected: false, reason, detail, nextOpenMs, score, riskLevel: app.endsWith("imaging") ? 0.82 : 0.3 };
}

export function slotsFixture(): DashboardSlots {
  const rng = seededRng(11);
  const details = {
    free: "below the threshold",
    busy: "above the threshold",
    occupied: "batch/transcode-8 runs there",
    unknown: "its agent does not tell",
    ineligible: "it is cordoned",
  };
  const states = [
    ...many("free", 31),
    ...many("occupied", 22),
    ...many("busy", 107),
    ...many("unknown", 2),
    ...many("ineligible", 6),
  ];
  return {
    atMs: nowMs,
    threshold: 0.6,
    allowed: 27,
    reason: null,
    promisedJobs: 3,
    promisedGrants: 1,
    stranded: 0,
    slots: states.map((state, at) => ({
      node: `worker-${"abcd"[at % 4]}-${String(Math.floor(at / 4) + 1).padStart(2, "0")}`,
      used: state === "unknown" ? null : Number((state === "busy" ? 0.6 + 0.4 * rng() : 0.55 * rng()).toFixed(2)),
      state,
      detail: details[state],
    })),
    scaledJobs: [
      { namespace: "batch", name: "transcode", unfinished: 22, granted: 1, asked: true },
      { namespace: "lab", name: "align", unfinished: 3, granted: 0, asked: true },
    ],
  };
}

function many<T extends string>(value: T, count: number): T[] {
  return Array.from({ length: count }, () => value);
}

export function gpusFixture(): DashboardGpus {
  const seat = (pod: string, process: boolean | null): GpuSeat => ({
    namespace: "train",
    pod,
    intended: process !== false,
    kubelet: true,
    container: true,
    process,
    drift: process === false,
  });
  const seats: Readonly<Record<string, GpuSeat[]>> = {
    "gpu-1/0": [seat("llm-0", true)],
    "gpu-1/1": [seat("llm-1", true)],
    "gpu-1/2": [seat("eval-0", false)],
    "gpu-2/0": [seat("llm-2", null)],
  };
  return {
    atMs: nowMs,
    drifted: 1,
    nodes: ["gpu-1", "gpu-2"].map((node) => ({
      node,
      ageMs: 1_200,
      source: "nvml",
      trouble: null,
      gpus: Array.from({ length: 8 }, (_, index) => gpu(node, index, seats[`${node}/${index}`] ?? [])),
    })),
    waiting: [{ namespace: "train", pod: "sweep-4", gpus: 2 }],
  };
}

function gpu(node: string, index: number, seats: GpuSeat[]): DashboardGpu {
  const isTaken = seats.length > 0;
  return {
    uuid: `GPU-${node}-${index}`,
    index,
    model: "NVIDIA H200",
    memoryTotalMiB: 143_771,
    memoryUsedMiB: isTaken ? 98_304 + index * 512 : 4,
    utilisation: isTaken ? 0.93 - index * 0.1 : 0,
    temperatureCelsius: isTaken ? 64 : 31,
    mig: "disabled",
    unhealthy: node === "gpu-2" && index === 7 ? "Xid 79: it has fallen off the bus" : null,
    foreignPids: node === "gpu-2" && index === 5 ? [41_220] : [],
    seats,
  };
}

export function intentsFixture(): DashboardIntents {
  return {
    atMs: nowMs - 9_000,
    intents: [
      {
        name: "shop/cart-p99",
        target: "Deployment shop/cart",
        active: true,
        verdict: "Planned",
        reason: "two more replicas bring 139 ms to 92 ms",
        objectives: [
          { profile: "shop/p99latency", target: 100, value: 139.25, expected: 92.1, met: false },
          { profile: "shop/availability", target: 0.999, value: 0.9995, expected: 0.9999, met: true },
        ],
        plan: [{ name: "scaleOut", properties: { factor: 2 } }],
        cost: 1.02,
        rejected: [
          {
            name: "scaleCPU",
            properties: { value: 3_200 },
            reason: "2900m would be enough for 118 ms only: throughput bounds it",
          },
          { name: "scaleOut", properties: { factor: 1 }, reason: "118 ms expected: the objective is missed" },
          { name: "rmPod", properties: { name: "cart-2" }, reason: "no pod is removed while a latency is missed" },
        ],
        execution: { verdict: "Done", message: "scaled from 3 to 5 replicas" },
      },
      {
        name: "shop/search-p95",
        target: "Deployment shop/search",
        active: false,
        verdict: "Unknown",
        reason: "shop/p95latency has no fresh value",
        objectives: [{ profile: "shop/p95latency", target: 80, value: null, expected: null, met: null }],
        plan: [],
        cost: 0,
        rejected: [],
        execution: null,
      },
    ],
    invalid: [{ name: "team-b/broken", problem: "spec.priority 7: at most 1" }],
  };
}
