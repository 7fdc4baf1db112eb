import { managedLabel } from "@walras/api";
import { errorAt } from "@walras/kit";
import { type Scenario, scenarioSchema } from "@walras/sim";

import type { Frame, FrameOf, RecordedPod } from "../record/frames.ts";
import { type Wanted, wantedBy } from "./demand.ts";

/** A recording as a scenario of the embedded cluster. */
export interface Recast {
  readonly scenario: Scenario;
  readonly seconds: number;
  /** What of the recording it does not have. */
  readonly warnings: readonly string[];
}

/** @throws FieldError where nothing was recorded that could be played */
export function recast(frames: readonly Frame[], file: string): Recast {
  const header = frames.find((frame): frame is FrameOf<"header"> => frame.kind === "header");
  const nodes = frames.findLast((frame): frame is FrameOf<"nodes"> => frame.kind === "nodes")?.nodes ?? [];
  const intervalMs = header?.intervalMs ?? 1_000;
  const pods = podsIn(frames, new Set(nodes.map(({ name }) => name)));
  const wanted = wantedBy(frames, intervalMs, placesOf(pods));
  const seconds = Math.ceil(lastMs(frames) / 1000);
  if (nodes.length === 0 || pods.length === 0 || seconds === 0)
    throw errorAt("file", file, "has no pods on nodes to play");
  const named = withNames(pods);
  const scenario = scenarioSchema.parse({
    name: file,
    durationSeconds: seconds,
    namespaces: Object.fromEntries(pods.map(({ namespace }) => [namespace, {}])),
    nodes: nodes.map(nodeGroup),
    pods: named.map(([name, pod]) => podGroup(name, pod, wanted, intervalMs / 1000)),
  });
  return { scenario, seconds, warnings: warningsOf(frames, pods) };
}

/** Each pod as it was seen last, with every id that its containers had. */
interface SeenPod extends RecordedPod {
  readonly ids: ReadonlyMap<string, string>;
}

function podsIn(frames: readonly Frame[], nodes: ReadonlySet<string>): SeenPod[] {
  const seen = new Map<string, SeenPod>();
  for (const frame of frames) {
    if (frame.kind !== "pods") continue;
    for (const pod of frame.pods.filter(({ node }) => nodes.has(node))) {
      const ids = new Map([
        ...(seen.get(pod.uid)?.ids ?? []),
        ...pod.containers.map(({ id, name }): [string, string] => [id, name]),
      ]);
      seen.set(pod.uid, { ...pod, ids });
    }
  }
  return [...seen.values()];
}

/** A container by the UID of its pod and its name, whichever id it had. */
function placesOf(pods: readonly SeenPod[]): (id: string) => string | undefined {
  const places = new Map(pods.flatMap(({ uid, ids }) => [...ids].map(([id, name]) => [id, `${uid}/${name}`] as const)));
  return (id) => places.get(id);
}

/** A successor of the same name is another pod, and has its UID in its name. */
function withNames(pods: readonly SeenPod[]): (readonly [string, SeenPod])[] {
  const taken = new Set<string>();
  return pods.map((pod) => {
    const key = `${pod.namespace}/${pod.name}`;
    const name = taken.has(key) ? `${pod.name}-${pod.uid.slice(0, 8)}` : pod.name;
    taken.add(key);
    return [name, pod];
  });
}

function nodeGroup({ name, capacityMilli, allocatableMilli }: FrameOf<"nodes">["nodes"][number]): object {
  const cores = Math.max(1, Math.ceil(capacityMilli / 1000));
  return { name, cores, reserved: `${Math.max(0, cores * 1000 - allocatableMilli)}m` };
}

function podGroup(name: string, pod: SeenPod, wanted: ReadonlyMap<string, Wanted>, stepSeconds: number): object {
  const { uid, namespace, node, managed, annotations } = pod;
  const containers = pod.containers.map((container) => ({
    name: container.name,
    requests: cpu(container.requestMilli),
    limits: cpu(container.limitMilli),
    load: loadOf(wanted.get(`${uid}/${container.name}`), stepSeconds),
  }));
  return { name, namespace, node, annotations, labels: { [managedLabel]: String(managed) }, containers };
}

function cpu(milli: number | null): object {
  return milli === null ? {} : { cpu: `${milli}m` };
}

/** As many threads as it ever kept busy; four where that was fewer. */
function loadOf(values: Wanted = [0], stepSeconds: number): object {
  const most = values.reduce((highest, cores) => Math.max(highest, cores), 0);
  return { demand: { kind: "trace", values, stepSeconds }, parallelism: Math.max(4, Math.ceil(most)) };
}

function warningsOf(frames: readonly Frame[], pods: readonly SeenPod[]): string[] {
  const all = frames.filter((frame): frame is FrameOf<"pods"> => frame.kind === "pods");
  const lasting = pods.filter(({ uid }) => all.every((frame) => frame.pods.some((pod) => pod.uid === uid)));
  const passing = pods.length - lasting.length;
  return passing === 0
    ? []
    : [`${passing} pods came or went: they are there all the time here, and want nothing while they were not`];
}

function lastMs(frames: readonly Frame[]): number {
  return frames.reduce((last, frame) => (frame.kind === "header" ? last : Math.max(last, frame.atMs)), 0);
}
