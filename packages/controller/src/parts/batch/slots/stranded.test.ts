import { beforeEach, describe, expect, it } from "vitest";

import { defaultScaling } from "../decide/scaling.ts";
import type { SlotAllocator } from "./allocator.ts";
import { ref, World } from "./testing/world.ts";

const why = "0/3 nodes are available: 3 Insufficient cpu.";
let world: World;
let ledger: SlotAllocator;

beforeEach(() => {
  world = new World();
  for (const node of ["n1", "n2", "n3"]) world.addNode(node, 0.1);
  world.scalings.set("big", { ...defaultScaling, maxReplicas: 3 });
  ledger = world.ledger();
});

/** KEDA polls and makes what it is told; no node takes a job of it. */
function pollBig(): number {
  const { value } = ledger.poll(ref("big"));
  const made = Math.max(0, value - [...world.jobs.values()].filter(({ owner }) => owner === "posture/big").length);
  for (let job = 0; job < made; job += 1) world.bind(world.addJob("big"), "", { waitsFor: why });
  return made;
}

async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 5) {
    await world.clock.advance(5_000);
    ledger.free();
  }
}

describe("B2: jobs that no node takes", () => {
  it("hold nobody else's slot after a while, and are told once with the scheduler's words", async () => {
    expect([pollBig(), ledger.poll(ref("small")).value]).toEqual([3, 0]);
    await pass(55);
    expect([ledger.free(), world.stranded]).toEqual([0, []]);
    await pass(10);
    expect(world.stranded.map(({ job, because }) => [job.owner, because])).toEqual(
      Array.from({ length: 3 }, () => ["posture/big", why]),
    );
    expect([ledger.free(), ledger.stranded, ledger.poll(ref("small")).value]).toEqual([3, 3, 1]);
    await pass(600);
    expect(world.stranded).toHaveLength(3);
  });

  it("are told also where no pod was ever made", async () => {
    ledger.poll(ref("big"));
    world.addJob("big");
    await pass(65);
    expect(world.stranded.map(({ because }) => because)).toEqual(["no pod was made for it"]);
  });

  it("wait without blame while no node has room", async () => {
    pollBig();
    for (const node of ["n1", "n2", "n3"]) world.addNode(node, 0.9);
    await pass(600);
    expect(world.stranded).toEqual([]);
    world.trouble = "Prometheus does not answer";
    for (const node of ["n1", "n2", "n3"]) world.addNode(node, 0.1);
    await pass(600);
    expect(world.stranded).toEqual([]);
  });

  it("get no other of their kind until the back-off is over, then one, and after that twice as late", async () => {
    world.scalings.set("big", { ...defaultScaling, maxReplicas: 10 });
    pollBig();
    await pass(65);
    const made: number[] = [];
    for (let second = 65; second < 420; second += 5) {
      if (pollBig() > 0) made.push(second);
      await pass(5);
    }
    expect(made[0]).toBeGreaterThanOrEqual(120);
    expect(made[1]! - made[0]!).toBeGreaterThanOrEqual(120);
    expect(world.jobs.size).toBe(3 + made.length);
    expect(made.length).toBeLessThanOrEqual(3);
  });

  it.each([
    ["its specification has changed", (): unknown => world.generations.set("big", 2)],
    ["a node has been added", (): void => world.addNode("n4", 0.1)],
    ["a node has more to give", (): void => world.addNode("n1", 0.1, { allocatable: "cpu=128" })],
  ])("get slots again at once when %s", async (_, change) => {
    world.scalings.set("big", { ...defaultScaling, maxReplicas: 10 });
    pollBig();
    await pass(65);
    expect(pollBig()).toBe(0);
    change();
    await pass(5);
    expect(pollBig()).toBeGreaterThan(0);
  });

  it("hold a slot again as soon as a node takes one of them", async () => {
    pollBig();
    await pass(65);
    const [job] = world.jobs.values();
    world.bind(job!, "n1");
    await pass(5);
    expect([ledger.free(), ledger.stranded]).toEqual([2, 2]);
  });

  it("leave the queue's other jobs their turn: each of those is its own", async () => {
    const owner = "app=queue";
    expect(ledger.ask(`posture/${owner}`, () => 2).granted).toBe(2);
    world.bind(world.addJob(owner), "", { waitsFor: why });
    await pass(65);
    expect(world.stranded).toHaveLength(1);
    expect(ledger.ask(`posture/${owner}`, (unfinished) => unfinished + 1).granted).toBe(1);
  });

  it("do not follow from ranks being written, which changes no node", async () => {
    pollBig();
    await pass(65);
    world.addNode("n1", 0.1, { labels: { "posture/eligible": "true", "posture/slot": "slot-1" } });
    await pass(5);
    expect(pollBig()).toBe(0);
    expect(ledger.poll(ref("big")).value).toBe(0);
  });
});
