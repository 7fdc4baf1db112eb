import { createHash } from "node:crypto";

import { type ContainerProfile, type WorkloadProfileSpec, workloadProfileSpec } from "@walras/api";
import { errorAt, formatCpu, parseWith } from "@walras/kit";

import type { Workload } from "../../../base/cluster/workload.ts";
import { decodeLevels, decodeWeights, encodeLevels, encodeWeights } from "./codec.ts";
import { ContainerHistory } from "./history.ts";
import { trustIn } from "./need.ts";
import type { RememberPolicy } from "./policy.ts";

/** How histogram and hours are written: 100 buckets of a tenth from 10m, and their numbers. */
const encoding = 1;
/** Of the spec, as JSON: what the API server adds stays within 4 KiB with it. */
const mostBytes = 3_400;
const longestName = 253;
/** Clocks of two controllers may differ; what nobody can have seen yet would never grow old. */
const mostAheadMs = 3_600_000;

/** What a workload's containers have used. */
export interface WorkloadHistory {
  readonly workload: Workload;
  /** When it was learnt from last, in milliseconds since the Unix epoch. */
  readonly seenMs: number;
  readonly containers: ReadonlyMap<string, ContainerHistory>;
}

/** The name of a workload's profile: kind-name, cut where it would be too long; a hash keeps a cut name unique. */
export function profileName({ kind, name }: Workload): string {
  const full = `${kind.toLowerCase()}-${name}`;
  if (full.length <= longestName) return full;
  const hash = createHash("sha256").update(full).digest("hex").slice(0, 8);
  return `${full.slice(0, longestName - 9)}-${hash}`;
}

/** What is written down of a workload, within the bound on its size. */
export function profileSpec({ workload, seenMs, containers }: WorkloadHistory, policy: RememberPolicy): Spec {
  const known = [...containers].filter(([, history]) => history.levelMilli !== null);
  const habits = known.map(([, { levelMilli }]) => (levelMilli ?? 0) * (1 + policy.margin));
  const watched = known.map(([, history]) => history.watchedMinutes(seenMs));
  const spec = {
    encoding,
    workload: { kind: workload.kind, name: workload.name },
    habitCPURequest: formatCpu(Math.ceil(habits.reduce((sum, milli) => sum + milli, 0))),
    trustPercent: Math.round(100 * trustIn(Math.max(0, ...watched), policy)),
    seen: new Date(seenMs).toISOString(),
  };
  return bounded(
    spec,
    known.map(([name, history]) => containerProfile(name, history, seenMs)),
  );
}

/**
 * A profile as it was written.
 *
 * @param origin namespace and name of the object
 * @throws FieldError naming the field and its value
 */
export function readProfile(
  spec: unknown,
  origin: string,
  { nowMs, policy }: { readonly nowMs: number; readonly policy: RememberPolicy },
): WorkloadHistory {
  const said = parseWith(workloadProfileSpec, spec, `${origin}.spec`);
  if (said.encoding !== encoding)
    throw errorAt(`${origin}.spec.encoding`, said.encoding, `is not ${encoding}, the one known here`);
  const seenMs = Date.parse(said.seen);
  if (seenMs > nowMs + mostAheadMs) throw errorAt(`${origin}.spec.seen`, said.seen, "is in the future");
  const containers = said.containers.map((one, index): [string, ContainerHistory] => [
    one.name,
    historyOf(one, { field: `${origin}.spec.containers.${index}`, seenMs, policy }),
  ]);
  return { workload: said.workload, seenMs, containers: new Map(containers) };
}

type Spec = WorkloadProfileSpec;

function containerProfile(name: string, history: ContainerHistory, nowMs: number): ContainerProfile {
  const { sinceMs, histogram, levels } = history.state(nowMs);
  const hours = encodeLevels(levels);
  return {
    name,
    since: new Date(sinceMs).toISOString(),
    weightMinutes: rounded(histogram.weights.reduce((sum, weight) => sum + weight, 0)),
    watchedMinutes: rounded(histogram.watchedMinutes),
    histogram: encodeWeights(histogram.weights),
    ...(hours === undefined ? {} : { hours }),
  };
}

/** Weeks are given up before histograms, and last containers before first ones. */
function bounded(spec: Omit<Spec, "containers">, all: readonly ContainerProfile[]): Spec {
  const containers = all.slice(0, mostContainers);
  const size = (): number => JSON.stringify({ ...spec, containers }).length;
  for (let last = containers.length - 1; last >= 0 && size() > mostBytes; last -= 1) {
    const { hours: _, ...rest } = containers[last] as ContainerProfile;
    containers[last] = rest;
  }
  while (size() > mostBytes) containers.pop();
  return { ...spec, containers };
}

const mostContainers = 20;

function historyOf(
  { since, weightMinutes, watchedMinutes, histogram, hours }: ContainerProfile,
  { field, seenMs, policy }: { readonly field: string; readonly seenMs: number; readonly policy: RememberPolicy },
): ContainerHistory {
  const weights = decodeWeights(histogram, weightMinutes, `${field}.histogram`);
  return new ContainerHistory(policy, {
    sinceMs: Date.parse(since),
    histogram: { weights, watchedMinutes, asOfMs: seenMs },
    levels: decodeLevels(hours, `${field}.hours`),
  });
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
