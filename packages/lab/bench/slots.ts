// 200 nodes, 100 ScaledJobs, an hour: the slot ledger and the prototype's rule, through KEDA's arithmetic.
import { join } from "node:path";

import { rankFree, type Slot, SlotAllocator, type SlotJob, defaultSlotPolicy } from "@walras/controller/batch";
import { defaultScaling, jobsToCreate } from "@walras/controller/batch/testing";
import { type Clock, seededRng, VirtualClock } from "@walras/kit";
import { publishBench } from "@walras/kit/bench";

import { SlotWorld, type WorldJob } from "../src/slots/world.ts";

const nodeCount = 200;
const scaledJobs = 100;
const scaling = { ...defaultScaling, maxReplicas: 3 };
const seconds = 3_600;
const pollSeconds = 10;
const threshold = 0.7;
const seeds = [1, 2, 3];

/** What a scaler answers to a poll, and how nodes are ranked meanwhile. */
interface Scaler {
  readonly name: string;
  poll(owner: string): { readonly value: number; readonly active: boolean };
  rank(): readonly string[];
  created(job: WorldJob): void;
}

function ledgerScaler(world: SlotWorld, clock: Clock): Scaler {
  const ledger = new SlotAllocator({
    view: {
      stale: () => [],
      nodes: () =>
        world.nodes.map(({ name }) => ({
          name,
          labels: { "posture/eligible": "true" },
          ready: true,
          unschedulable: false,
          taints: [],
          allocatable: "",
        })),
      jobs: () => [...world.jobs.values()].map(slotJob),
      pods: () =>
        [...world.jobs.values()].flatMap(({ uid, node, finished }) =>
          node
            ? [
                {
                  uid: `pod-${uid}`,
                  namespace: "posture",
                  name: uid,
                  jobUid: uid,
                  node: node.name,
                  ended: finished,
                  started: true,
                  conditions: [],
                  waitsFor: "",
                  createdAtMs: 0,
                },
              ]
            : [],
        ),
      madeOf: () => undefined,
    },
    telemetry: { cpu: (name) => ({ busyFraction: byName(world, name), ageMs: 0 }), trouble: () => null },
    demand: { wanted: () => Infinity, scaling: () => scaling },
    policy: { ...defaultSlotPolicy, cpuThreshold: threshold },
    clock,
  });
  let order: readonly string[] = [];
  return {
    name: "ledger",
    poll: (owner) => ledger.poll({ namespace: "posture", name: owner.slice("posture/".length), metadata: {} }),
    rank: () => (order = rankFree(ledger.slots(), order)),
    created: (job) => ledger.hear({ type: "added", item: slotJob(job) }),
  };
}

const slotJob = ({ uid, owner, finished }: WorldJob): SlotJob => ({
  uid,
  namespace: "posture",
  name: uid,
  owner,
  suspended: false,
  finished,
  ending: false,
  deadlineMs: null,
  createdAtMs: 0,
});

const index = new WeakMap<SlotWorld, Map<string, SlotWorld["nodes"][number]>>();

function byName(world: SlotWorld, name: string): number {
  let nodes = index.get(world);
  if (!nodes) index.set(world, (nodes = new Map(world.nodes.map((node) => [node.name, node]))));
  return nodes.get(name)?.measured ?? 1;
}

/** Every trigger is told how many nodes are below the threshold; ranks are renewed each 10 s. */
function prototypeScaler(world: SlotWorld, clock: Clock): Scaler {
  let order: readonly string[] = [];
  let rankedMs = -Infinity;
  const free = (): Slot[] =>
    world.nodes
      .filter(({ measured }) => measured < threshold)
      .map(({ name, measured }) => ({ node: name, busyFraction: measured, state: "free", detail: "" }));
  return {
    name: "prototype",
    poll: () => {
      const value = free().length;
      return { value, active: value > 0 };
    },
    rank: () => {
      if (clock.monotonicMs() - rankedMs < 10_000) return order;
      rankedMs = clock.monotonicMs();
      return (order = free()
        .toSorted((one, other) => (one.busyFraction ?? 1) - (other.busyFraction ?? 1))
        .map(({ node }) => node));
    },
    created: () => undefined,
  };
}

async function play(
  make: (world: SlotWorld, clock: Clock) => Scaler,
  seed: number,
): Promise<{ readonly name: string; readonly world: SlotWorld }> {
  const clock = new VirtualClock();
  const world = new SlotWorld(nodeCount, threshold, seededRng(seed));
  const scaler = make(world, clock);
  for (let second = 0; second < seconds; second += 1) {
    for (let job = second % pollSeconds; job < scaledJobs; job += pollSeconds) {
      const owner = `posture/job-${job}`;
      const { value, active } = scaler.poll(owner);
      const running = world.unfinished(owner);
      const create = jobsToCreate(scaling, { running, pending: 0 }, [{ queueLength: value, active, target: 1 }]);
      for (let count = 0; count < create; count += 1) scaler.created(world.create(owner));
    }
    world.step(scaler.rank());
    await clock.advance(1_000);
  }
  return { name: scaler.name, world };
}

const played = [];
for (const make of [ledgerScaler, prototypeScaler])
  for (const seed of seeds) played.push({ seed, ...(await play(make, seed)) });
const ours = played.filter(({ name }) => name === "ledger").map(({ world }) => world.tally);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const utilisation = sum(ours.map(({ used }) => used)) / sum(ours.map(({ possible }) => possible));

publishBench(join(import.meta.dirname, "..", "..", ".."), {
  name: "slots",
  command: "pnpm bench slots",
  rows: played.map(({ seed, name, world: { tally } }) => ({
    rule: name,
    seed,
    finished: tally.finished,
    "on a busy node": tally.onBusy,
    "two on a node": tally.crowded,
    "waited for a node, s": tally.pendingSeconds,
    "of free slots used": `${((100 * tally.used) / tally.possible).toFixed(1)} %`,
  })),
  ratios: {
    onBusy: sum(ours.map(({ onBusy }) => onBusy)),
    crowded: sum(ours.map(({ crowded }) => crowded)),
    pendingSeconds: sum(ours.map(({ pendingSeconds }) => pendingSeconds)),
    unused: (1 - utilisation) / 0.05,
  },
});
