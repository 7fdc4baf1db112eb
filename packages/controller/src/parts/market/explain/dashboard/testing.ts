import { readPodPolicy } from "@walras/api";
import type { VirtualClock } from "@walras/kit";
import { Store, type StoreItem } from "@walras/kube";

import type { NodeState } from "../../../../base/cluster/node.ts";
import type { PodState } from "../../../../base/cluster/pod.ts";
import { aContainerState, aPod } from "../../../../base/cluster/testing.ts";
import type { NodeReading } from "../../../../base/telemetry/ledger/readings.ts";
import { defaultMarketPolicy } from "../../decide/policy.ts";
import type { NodeDecision, Target } from "../../decide/snapshot.ts";
import { aDemand, aNode } from "../../decide/testing.ts";
import type { ManagedPod } from "../../observe/managed.ts";
import type { PodOutcome, RoundResult } from "../result.ts";
import type { MarketSight } from "./sight.ts";

/** A market of made-up nodes: half of what was declared is requested, and each pod uses 50 m. */
export interface MadeUpMarket {
  readonly sight: MarketSight;
  /** What is decided of a node next, with what is given otherwise. */
  decideAnew(node: number, decision?: Partial<NodeDecision>): void;
  /** Its agent is silent from now on. */
  silence(node: number): void;
}

interface MadeUp {
  readonly nodes: number;
  readonly podsPerNode: number;
  readonly clock: VirtualClock;
}

const cpuMilli = 32_000;

export function madeUpMarket({ nodes, podsPerNode, clock }: MadeUp): MadeUpMarket {
  const names = Array.from({ length: nodes }, (_, index) => `node-${index}`);
  const states = new Map(names.map((name) => [name, nodeState(name)]));
  const pods = new Map(names.map((name) => [name, podsOf(name, podsPerNode)]));
  const readings = new Map<string, NodeReading>(names.map((name) => [name, reading(clock)]));
  const results = new Map(names.map((name) => [name, resultOf(name, pods.get(name) ?? [])]));
  const all = [...pods.values()].flat();
  const sight: MarketSight = {
    cluster: {
      nodes: storeOf([...states.values()]),
      pods: storeOf(all),
      node: (name) => states.get(name),
      podsOn: (name) => pods.get(name) ?? [],
    },
    ledger: { node: (name) => readings.get(name) ?? null },
    book: { now: () => aDemand(50) },
    policy: defaultMarketPolicy,
    resultOf: (name) => results.get(name),
    throttled: { milli: () => 100, retain: () => undefined },
    history: { query: () => Promise.resolve([]) },
    clock,
  };
  return {
    sight,
    decideAnew: (node, decision = {}) => {
      const name = names[node] ?? "";
      results.set(name, resultOf(name, pods.get(name) ?? [], decision));
    },
    silence: (node) => readings.set(names[node] ?? "", { ...reading(clock), atMs: -3_600_000 }),
  };
}

function nodeState(name: string): NodeState {
  return { uid: name, namespace: "", name, allocatableMilli: cpuMilli - 1_000, capacityMilli: cpuMilli, ready: true };
}

function reading(clock: VirtualClock): NodeReading {
  const used = { fraction: 0.5, of: "capacity" } as const;
  return { atMs: clock.monotonicMs(), busyFraction: 0.5, used, memoryTotalBytes: null, memoryAvailableBytes: null };
}

function podsOf(node: string, count: number): PodState[] {
  return Array.from({ length: count }, (_, index) => {
    const uid = `${node}-pod-${index}`;
    return aPod({ uid, name: uid, node, containers: [aContainerState({ containerId: uid })] });
  });
}

function resultOf(node: string, pods: readonly PodState[], decision: Partial<NodeDecision> = {}): RoundResult {
  const outcomes = pods.map(outcomeOf);
  const snapshot = aNode([], { node, allocatableMilli: cpuMilli - 1_000, cpuMilli });
  return {
    decision: {
      node,
      capacityMilli: cpuMilli,
      scarceSinceMs: null,
      mode: "uncongested",
      startMilli: null,
      limitPrice: 0,
      requestPrice: 0,
      targets: pods.map(({ uid }) => aTarget(uid)),
      credits: new Map(),
      ...decision,
    },
    observation: {
      snapshot,
      managed: outcomes.map(({ managed }) => managed),
      released: [],
      mislabelled: [],
      ended: [],
      freeMilli: cpuMilli - 1_000 - 100 * pods.length,
    },
    outcomes,
    fresh: outcomes,
  };
}

/** It wants 150 m, is guaranteed 50 m and is to request 80 m. */
export function aTarget(podUid: string, given: Partial<Target> = {}): Target {
  return {
    podUid,
    container: "app",
    requestMilli: 80,
    limitMilli: 250,
    bid: { weight: 1, floorMilli: 50, capMilli: 150 },
    rationMilli: null,
    binding: "Need",
    pressed: false,
    ...given,
  };
}

function outcomeOf(pod: PodState): PodOutcome {
  const managed: ManagedPod = {
    pod,
    policy: readPodPolicy({}).policy,
    complaints: [],
    mode: "full",
    limits: "ample",
    leftAlone: null,
    declared: new Map([["app", { requestMilli: 200, limitMilli: 400 }]]),
    redeclared: null,
    kept: null,
  };
  return { managed, verdict: { kind: "settled" }, resize: null, waiting: false, bound: null, ration: null };
}

function storeOf<Item extends StoreItem>(items: readonly Item[]): Store<Item> {
  const store = new Store<Item>();
  for (const item of items) store.put(item);
  return store;
}
