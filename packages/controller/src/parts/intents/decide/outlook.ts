import { expectedLoads, seriesOf } from "../models/demand.ts";
import { knowsLoad, type LoadModel, predictLoad } from "../models/load.ts";
import { medianOf, perMedian } from "../models/median.ts";
import { workBy } from "../models/work.ts";
import type { Outlook, Workload } from "./workload.ts";

interface OutlookOptions {
  readonly nowMs: number;
  /** After which what is done has its effect. */
  readonly settleMs: number;
  /** So many standard deviations more work than usual are planned for. */
  readonly deviations: number;
  readonly mostCpuMilli: number;
}

/** Pods that serve already. Where nobody tells whether one does, it does when it runs. */
export function servingOf({ pods }: Pick<Workload, "pods">): number {
  return pods.filter(({ phase, ready }) => ready ?? phase === "Running").length;
}

/** @returns null: no model knows the workload as it is, or too little was seen of its load */
export function outlookOf(workload: Workload, options: OutlookOptions): Outlook | null {
  const { load } = workload;
  const { history, models } = workload.intent;
  const known = [...models.load].filter(([, model]) => knowsLoad(model, load));
  if (load === null || history === null || known.length === 0) return null;
  if (!known.every(([, model]) => tellsOf(model, workload))) return null;
  const series = seriesOf([...history.moments, { atMs: options.nowMs, load }]);
  if (series === null) return null;
  const steps = Math.max(1, Math.ceil(options.settleMs / series.stepMs));
  const expected = expectedLoads(series, [
    [1, 2],
    [steps, steps + 1],
  ] as const);
  if (expected === null) return null;
  const [soon, later] = expected;
  const works = [...history.moments.map((one) => one.works), worksOf(workload)];
  const work = known.map(([profile, { pinned }]) => {
    const seen = works.flatMap((one) => one.get(profile) ?? []);
    // Somebody's word is not argued with.
    return [profile, pinned ? 1 : workToPlanFor(seen, options.deviations)] as const;
  });
  return { soon, later, work: new Map(work), mostCpuMilli: options.mostCpuMilli };
}

/** Whether a model knows the workload as it is. */
function tellsOf(model: LoadModel, { load, pods, cpuMilli }: Workload): boolean {
  return predictLoad(model, { load: load ?? Infinity, replicas: pods.length, cores: cpuMilli / 1000 }) !== null;
}

/**
 * By latency: how many times the work there was that had been planned for at the
 * moment before. In it are errors of the model and of the forecast of load, and
 * how percentiles of a minute scatter.
 */
export function worksOf({ intent, aims, measured }: Workload): ReadonlyMap<string, number> {
  const planned = intent.history?.moments.at(-1)?.planned;
  if (planned === undefined || planned.serving === 0 || planned.cpuMilli === 0) return new Map();
  const point = { load: planned.load, replicas: planned.serving, cores: planned.cpuMilli / 1000 };
  const works = aims.flatMap(({ profile }, index): [string, number][] => {
    const model = intent.models.load.get(profile);
    return model === undefined ? [] : [[profile, workBy(model, point, measured[index] ?? NaN)]];
  });
  return new Map(works);
}

/** When the last so many all had more than usual, the least of them is what is usual now. */
const fewMoments = 8;

/** In logarithms, by medians: an hour in which a service was overloaded says little of what is usual. */
function workToPlanFor(works: readonly number[], deviations: number): number {
  if (works.length < fewMoments) return 1;
  const logs = works.map(Math.log);
  const usual = medianOf(logs);
  const deviation = perMedian * medianOf(logs.map((one) => Math.abs(one - usual)));
  return Math.exp(Math.max(usual, Math.min(...logs.slice(-fewMoments))) + deviations * deviation);
}
