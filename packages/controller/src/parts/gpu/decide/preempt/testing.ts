import fc from "fast-check";

import type { ClaimWorld } from "../claims/book.ts";
import { noRivals } from "../claims/rivals.ts";
import { Planner } from "../planner.ts";
import { decideCycle, type CycleResult } from "../schedule/cycle.ts";
import { type Device, type Devices, type SchedNode, wholeOnes } from "../schedule/node.ts";
import { nothingAsked, type SchedPod } from "../schedule/pod.ts";
import type { Assumed, SchedWorld } from "../schedule/site.ts";
import type { Budget } from "./budget.ts";
import type { Nomination } from "./nomination.ts";

const profile = "1g.10gb";

/** Nothing of DRA is there. */
const noClaims: ClaimWorld = {
  devicesOn: () => [],
  device: () => undefined,
  claim: () => undefined,
  deviceClass: () => undefined,
  holdersOf: () => new Set(),
  isContested: () => false,
  freeSinceMs: () => 0,
};

/** Whole GPUs, and one more in MIG mode where there are instances. */
function devicesOf(node: string, count: number, instances: number): Device[] {
  const device = { model: "A100", unhealthy: null, holders: [], foreignPids: [] };
  const whole = [...Array(count).keys()].map((index) => ({ ...device, uuid: `${node}/${index}`, index }));
  const parent = { ...device, uuid: `${node}/mig`, index: count, unhealthy: "it is in MIG mode" };
  const parts = [...Array(instances).keys()].map((number) => {
    const instance = { gpu: parent.uuid, number, profile };
    return { ...device, uuid: `${node}/mig/${number}`, index: count, instance };
  });
  return instances === 0 ? whole : [...whole, parent, ...parts];
}

const nodeOf = (name: string, cpu: number): SchedNode => ({
  uid: name,
  namespace: "",
  name,
  logicalName: "",
  labels: {},
  taints: [],
  unschedulable: false,
  ready: true,
  allocatable: { cpu, pods: 20 },
  model: "",
  published: [],
});

/** A pod that asks for one whole GPU. */
export const schedPodOf = (name: string, more: Partial<SchedPod> = {}): SchedPod => ({
  ...nothingAsked,
  uid: name,
  namespace: "default",
  name,
  node: "",
  ended: false,
  terminating: false,
  ours: true,
  request: { cpu: 100, pods: 1 },
  ask: { ...nothingAsked.ask, gpus: 1, gpuMilli: 1000 },
  preempts: true,
  version: "1",
  ...more,
});

const askArb = fc.oneof(
  fc
    .integer({ min: 1, max: 10 })
    .map((tenths) => ({ gpus: 1, gpuMilli: tenths * 100, models: [], mig: null, plugin: false })),
  fc.integer({ min: 1, max: 3 }).map((gpus) => ({ gpus, gpuMilli: 1000, models: [], mig: null, plugin: false })),
  fc.constant({ gpus: 0, gpuMilli: 0, models: [], mig: profile, plugin: false }),
);

const podsArb = (prefix: string, highest: number): fc.Arbitrary<SchedPod[]> =>
  fc
    .array(
      fc.record({
        ask: askArb,
        cpu: fc.integer({ min: 0, max: 4 }),
        priority: fc.integer({ min: 0, max: highest }),
        preempts: fc.boolean(),
        label: fc.constantFrom("a", "b", "c"),
        gang: fc.constantFrom(null, null, null, "g", "h"),
        claims: fc.constantFrom<readonly string[]>([], [], [], ["c"]),
      }),
      { maxLength: 12 },
    )
    .map((pods) =>
      pods.map(({ ask, cpu, priority, preempts, label, gang, claims }, index) =>
        schedPodOf(`${prefix}-${index}`, {
          ask: claims.length > 0 ? { gpus: 0, gpuMilli: 0, models: [], mig: null, plugin: false } : ask,
          claims,
          priority,
          preempts,
          request: { cpu: cpu * 1000, pods: 1 },
          labels: { app: label },
          gang: gang && { name: `${prefix}${gang}`, size: 1 },
        }),
      ),
    );

const withoutClaims = (pods: readonly SchedPod[]): SchedPod[] => pods.map((pod) => ({ ...pod, claims: [] }));

export interface Situation {
  readonly world: SchedWorld;
  readonly waiting: readonly SchedPod[];
  readonly budgets: readonly Budget[];
}

/** Clusters in which some pods stand and others wait. */
export const situationArb: fc.Arbitrary<Situation> = fc
  .record({
    nodes: fc.array(
      fc.record({
        gpus: fc.integer({ min: 0, max: 4 }),
        instances: fc.integer({ min: 0, max: 3 }),
        cpu: fc.integer({ min: 1, max: 12 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    first: podsArb("first", 3),
    later: podsArb("then", 5),
    allowed: fc.integer({ min: 0, max: 2 }),
  })
  .map(({ nodes, first, later, allowed }) => {
    const devices: Devices = new Map(
      nodes.map(({ gpus, instances }, index) => [`n${index}`, devicesOf(`n${index}`, gpus, instances)]),
    );
    const empty = {
      nodes: nodes.map(({ cpu }, index) => nodeOf(`n${index}`, cpu * 1000)),
      devices,
      pods: first,
      maps: [],
      assumed: new Map<string, Assumed>(),
      nominated: new Map<string, Assumed>(),
      claims: noClaims,
      rivalry: noRivals,
    };
    // Those with claims have had them from whoever placed them.
    const placed = decide(empty, withoutClaims(first), [], new Map());
    const standing = bound(first, placed);
    const selector = [{ key: "app", operator: "In", values: ["a"] }];
    const budgets = [{ uid: "b", namespace: "default", name: "b", selector, allowed }];
    return { world: { ...empty, pods: [...standing, ...later] }, waiting: later, budgets };
  });

/** One cycle in which all have their turn. */
export function decide(
  world: SchedWorld,
  waiting: readonly SchedPod[],
  budgets: readonly Budget[],
  nominations: ReadonlyMap<string, Nomination>,
): CycleResult {
  const planner = new Planner(
    world.nodes.map(({ name }) => ({
      name,
      cpuMilli: 0,
      memoryMiB: 0,
      gpus: wholeOnes(world.devices.get(name) ?? []).length,
      model: "",
    })),
  );
  const preempting = {
    nominations,
    waits: (uid: string) => nominations.has(uid),
    budgets,
    spared: new Set<string>(),
    evicts: true,
  };
  const withNominated = { ...world, nominated: nominations };
  return decideCycle(withNominated, { pods: waiting, isReady: () => true }, planner, preempting);
}

/** Those who were placed, where they were. */
export function bound(pods: readonly SchedPod[], { batches }: CycleResult): SchedPod[] {
  const decisions = batches.flat();
  return pods.flatMap((pod) => {
    const found = decisions.find((one) => one.pod.uid === pod.uid);
    return found ? [{ ...pod, node: found.node, devices: found.devices }] : [];
  });
}

/** GPUs and nodes of which more is held than there is. */
export function overbooked({ nodes }: SchedWorld, pods: readonly SchedPod[]): string[] {
  const milli = new Map<string, number>();
  for (const { devices, ask } of pods)
    for (const uuid of devices) milli.set(uuid, (milli.get(uuid) ?? 0) + (ask.gpuMilli || 1000));
  const gpus = [...milli].filter(([, held]) => held > 1000).map(([uuid]) => uuid);
  const full = nodes.filter(({ name, allocatable }) => {
    const cpu = pods.reduce((sum, { node, request }) => sum + (node === name ? (request["cpu"] ?? 0) : 0), 0);
    return cpu > (allocatable["cpu"] ?? 0);
  });
  return [...gpus, ...full.map(({ name }) => name)];
}
