import type { Calendar, ReleasePolicy } from "@walras/controller/carla";

import { sensitiveKinds } from "./failures.ts";

const calendar: Calendar = {
  zone: "Europe/Bucharest",
  allow: [
    { kind: "weekly", days: ["WEEKDAY"], startMinute: 20 * 60, endMinute: 7 * 60 },
    { kind: "weekly", days: ["WEEKEND"], startMinute: 0, endMinute: 24 * 60 },
  ],
  block: [],
  holidays: new Set(),
  holidayAs: "WEEKEND",
};

/** The policy the prototype shipped with, the rest as the controller fills it in. */
export const shippedPolicy: ReleasePolicy = {
  cpuWatermark: 0.65,
  memoryWatermark: 0.7,
  minHeadroom: 0.2,
  rmax: 6,
  maxParallel: 2,
  weights: { alphaDepth: 1, betaInverseResource: 1, gammaRisk: 1.5, deltaWindow: 1, waitPerHour: 0.1 },
  rolloutAlpha: 0.2,
  calendar,
  pauseHighRisk: true,
  lowHeadroomTicksToPause: 3,
  overrideMs: 45 * 60_000,
  tickMs: 30_000,
  starvationMs: 24 * 3_600_000,
  risk: {
    high: 2,
    largeDiff: 0.5,
    largeDiffFields: 200,
    sensitiveKind: 0.5,
    sensitiveKinds: new Set(sensitiveKinds),
    failure: 0.5,
    failureHalfLifeHours: 84,
    mostAdded: 1.5,
  },
  rollout: {
    timeoutMs: 1_800_000,
    healthyHoldMs: 10_000,
    degradedGraceMs: 60_000,
    rollback: false,
    backoffFirstMs: 60_000,
    backoffMaxMs: 3_600_000,
  },
  argo: {
    baseUrl: "https://argocd-server.argocd.svc",
    tokenEnv: "ARGO_TOKEN",
    tokenFile: null,
    verifyTls: true,
    caFile: null,
    appNamespace: "argocd",
    pinRevision: true,
  },
  telemetry: { preferMetricsApi: true, prometheusUrl: null, cpuQuery: "", memoryQuery: "" },
  decisionsCsv: "/data/carla_runs/decisions.csv",
  rolloutsCsv: "/data/carla_runs/rollouts.csv",
  logLevel: "info",
};
