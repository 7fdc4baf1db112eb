import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { attach, type CpuGroup, cpuGroup, type TaskOptions } from "./cpuGroup.ts";
import { advance } from "./cpuModel.ts";

interface Leaf extends Partial<TaskOptions> {
  readonly demand: number;
  readonly weight?: number;
  readonly quota?: number;
}

function leaf({ demand, weight = 100, quota = Infinity, parallelism = 8, backlogLimitCoreMs = 0 }: Leaf): CpuGroup {
  const group = cpuGroup(weight, { parallelism, backlogLimitCoreMs });
  group.tasks!.demandCores = demand;
  group.quotaCores = quota;
  return group;
}

function rootOf(...children: CpuGroup[]): CpuGroup {
  const root = cpuGroup(1);
  for (const child of children) attach(root, child);
  return root;
}

describe("the CPU model, by hand", () => {
  it("gives everybody what it wants where there is enough", () => {
    const [one, two] = [leaf({ demand: 0.5 }), leaf({ demand: 1.25 })];
    const root = rootOf(one, two);
    advance(root, 4, 100);
    expect([one.usedUsec, two.usedUsec, root.usedUsec]).toEqual([50_000, 125_000, 175_000]);
    expect([one.stalledUsec, two.periods]).toEqual([0, 0]);
  });

  it("stops a container at its quota and counts the run queues it is missed on", () => {
    const greedy = leaf({ demand: 2, quota: 0.5 });
    advance(rootOf(greedy), 4, 100);
    expect(greedy).toMatchObject({ usedUsec: 50_000, periods: 1, throttledPeriods: 1 });
    expect(greedy.throttledUsec).toBeCloseTo(150_000);
    expect(greedy.stalledUsec).toBe(100_000);
  });

  it("counts a period, but no throttling, within the quota; and none while idle", () => {
    const [modest, idle] = [leaf({ demand: 0.2, quota: 0.5 }), leaf({ demand: 0, quota: 0.5 })];
    const root = rootOf(modest, idle);
    for (let period = 0; period < 10; period += 1) advance(root, 4, 100);
    expect(modest).toMatchObject({ periods: 10, throttledPeriods: 0, throttledUsec: 0 });
    expect(idle.periods).toBe(0);
  });

  it("shares contended cores by weight and hands on what one does not need", () => {
    const [small, big, light] = [
      leaf({ demand: 4, weight: 100 }),
      leaf({ demand: 4, weight: 200 }),
      leaf({ demand: 0.1 }),
    ];
    advance(rootOf(small, big, light), 4, 1000);
    expect(light.grantedCores).toBeCloseTo(0.1);
    expect(small.grantedCores).toBeCloseTo(1.3);
    expect(big.grantedCores).toBeCloseTo(2.6);
  });

  it("tells contention from throttling: a waiting container has pressure and no throttled period", () => {
    const crowded = leaf({ demand: 1, quota: 1 });
    advance(rootOf(crowded, leaf({ demand: 1 })), 1, 100);
    expect(crowded).toMatchObject({ usedUsec: 50_000, periods: 1, throttledPeriods: 0, stalledUsec: 50_000 });
  });

  it("shares by pod first and by container within the pod", () => {
    const pod = cpuGroup(100);
    const [left, right] = [attach(pod, leaf({ demand: 4 })), attach(pod, leaf({ demand: 4 }))];
    const alone = leaf({ demand: 4 });
    advance(rootOf(pod, alone), 2, 100);
    expect([left.grantedCores, right.grantedCores, alone.grantedCores]).toEqual([0.5, 0.5, 1]);
  });

  it("holds a pod to its own quota and counts that at the pod alone", () => {
    const pod = cpuGroup(100);
    pod.quotaCores = 0.6;
    const children = [attach(pod, leaf({ demand: 0.5, quota: 1 })), attach(pod, leaf({ demand: 0.5, quota: 1 }))];
    advance(rootOf(pod), 4, 100);
    expect(pod).toMatchObject({ usedUsec: 60_000, throttledPeriods: 1 });
    expect(children.map(({ usedUsec, throttledPeriods }) => [usedUsec, throttledPeriods])).toEqual([
      [30_000, 0],
      [30_000, 0],
    ]);
  });

  it("queues unserved work up to its bound, works it off, and loses the rest", () => {
    const batch = leaf({ demand: 1, quota: 0.5, backlogLimitCoreMs: 60 });
    const root = rootOf(batch);
    advance(root, 4, 100);
    advance(root, 4, 100);
    expect(batch.tasks).toMatchObject({ backlogCoreMs: 60, lostCoreMs: 40 });
    batch.tasks!.demandCores = 0;
    batch.quotaCores = Infinity;
    advance(root, 4, 100);
    expect(batch.tasks!.backlogCoreMs).toBe(0);
    expect(batch.usedUsec).toBeCloseTo(160_000);
  });

  it("never runs on more cores than it has threads", () => {
    const single = leaf({ demand: 3, parallelism: 1 });
    advance(rootOf(single), 4, 100);
    expect(single.usedUsec).toBe(100_000);
  });

  it("computes a second at once as ten periods", () => {
    const build = (): CpuGroup => rootOf(leaf({ demand: 0.7, quota: 0.5 }), leaf({ demand: 3 }), leaf({ demand: 2 }));
    const [stepped, whole] = [build(), build()];
    for (let period = 0; period < 10; period += 1) advance(stepped, 4, 100);
    advance(whole, 4, 1000);
    for (const [index, child] of stepped.children.entries()) {
      expect(whole.children[index]!.usedUsec).toBeCloseTo(child.usedUsec, 3);
      expect(whole.children[index]!.throttledPeriods).toBe(child.throttledPeriods);
      expect(whole.children[index]!.stalledUsec).toBeCloseTo(child.stalledUsec, 3);
    }
  });
});

const arbitraryLeaf = fc.record({
  demand: fc.double({ min: 0, max: 6, noNaN: true }),
  weight: fc.integer({ min: 1, max: 10_000 }),
  quota: fc.oneof(fc.constant(Infinity), fc.double({ min: 0.01, max: 4, noNaN: true })),
  parallelism: fc.integer({ min: 1, max: 8 }),
  backlogLimitCoreMs: fc.constantFrom(0, 50, 1000),
});

describe("the CPU model, for any load", () => {
  it("uses at most each quota and the machine, wastes nothing, and loses no work unseen", () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryLeaf, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 8 }),
        (leaves, cores) => {
          const root = rootOf(...leaves.map(leaf));
          for (let period = 1; period <= 5; period += 1) {
            advance(root, cores, 100);
            const granted = root.children.reduce((sum, child) => sum + child.grantedCores, 0);
            expect(granted).toBeCloseTo(Math.min(cores, root.wantedCores), 6);
            for (const child of root.children) {
              const { tasks } = child;
              expect(child.grantedCores).toBeLessThanOrEqual(child.allowedCores + 1e-9);
              const seen = child.usedUsec / 1000 + tasks!.backlogCoreMs + tasks!.lostCoreMs;
              expect(seen).toBeCloseTo(tasks!.arrivedCoreMs, 4);
              expect(child.throttledPeriods).toBeLessThanOrEqual(child.periods);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("gives nobody more per weight than one that still waits", () => {
    fc.assert(
      fc.property(fc.array(arbitraryLeaf, { minLength: 2, maxLength: 12 }), (leaves) => {
        const root = rootOf(...leaves.map(leaf));
        advance(root, 2, 100);
        const waiting = root.children.filter((child) => child.allowedCores - child.grantedCores > 1e-6);
        const level = Math.min(Infinity, ...waiting.map((child) => child.grantedCores / child.weight));
        for (const child of root.children) expect(child.grantedCores / child.weight).toBeLessThanOrEqual(level + 1e-6);
      }),
      { numRuns: 300 },
    );
  });
});
