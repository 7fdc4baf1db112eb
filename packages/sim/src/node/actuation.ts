import type { Millicores } from "@walras/kit";

/** What a cgroup is set to: guaranteed and at most. */
export interface CpuSettings {
  readonly requestMilli: Millicores;
  /** null: without a limit */
  readonly limitMilli: Millicores | null;
}

/** The CPU of a pod's containers, by name. */
export type PodCpu = ReadonlyMap<string, CpuSettings>;

/** One write to a cgroup. */
export interface GroupStep {
  /** The container's name; null for the pod's own group. */
  readonly container: string | null;
  readonly settings: CpuSettings;
}

/** The pod's own group: requests add up; there is a limit only where every container has one (ResourceConfigForPod). */
export function podSettings(pod: PodCpu): CpuSettings {
  let requestMilli = 0;
  let limitMilli: Millicores | null = 0;
  for (const settings of pod.values()) {
    requestMilli += settings.requestMilli;
    limitMilli = limitMilli === null || settings.limitMilli === null ? null : limitMilli + settings.limitMilli;
  }
  return { requestMilli, limitMilli: pod.size === 0 ? null : limitMilli };
}

/**
 * The writes from one state of a pod to another in the kubelet's order
 * (KEP-1287, "Container resource limit update ordering"): pod up, containers
 * down, pod down, containers up. So a child is never above its parent.
 */
export function actuationSteps(from: PodCpu, to: PodCpu): readonly GroupStep[] {
  const [before, after] = [podSettings(from), podSettings(to)];
  const between = larger(before, after);
  const changed = [...to].filter(([name, settings]) => !same(from.get(name), settings));
  const shrinks = ([name, settings]: [string, CpuSettings]): boolean => lowers(from.get(name), settings);
  return [
    ...(same(before, between) ? [] : [{ container: null, settings: between }]),
    ...changed.filter(shrinks).map(toStep),
    ...(same(between, after) ? [] : [{ container: null, settings: after }]),
    ...changed.filter((change) => !shrinks(change)).map(toStep),
  ];
}

function toStep([container, settings]: [string, CpuSettings]): GroupStep {
  return { container, settings };
}

function same(left: CpuSettings | undefined, right: CpuSettings): boolean {
  return left?.requestMilli === right.requestMilli && left.limitMilli === right.limitMilli;
}

function larger(left: CpuSettings, right: CpuSettings): CpuSettings {
  const unlimited = left.limitMilli === null || right.limitMilli === null;
  return {
    requestMilli: Math.max(left.requestMilli, right.requestMilli),
    limitMilli: unlimited ? null : Math.max(left.limitMilli, right.limitMilli),
  };
}

function lowers(before: CpuSettings | undefined, after: CpuSettings): boolean {
  const [old, wanted] = [before?.limitMilli ?? Infinity, after.limitMilli ?? Infinity];
  return wanted < old || (wanted === old && after.requestMilli < (before?.requestMilli ?? 0));
}
