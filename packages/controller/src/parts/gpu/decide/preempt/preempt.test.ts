import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { SchedPod } from "../schedule/pod.ts";
import type { Nomination } from "./nomination.ts";
import { bound, decide, overbooked, type Situation, situationArb } from "./testing.ts";

const made = ({ world, waiting, budgets }: Situation) => {
  const result = decide(world, waiting, budgets, new Map());
  return { result, nominations: result.room.made.flat(), placed: bound(waiting, result) };
};

const standing = ({ world }: Situation): readonly SchedPod[] => world.pods.filter(({ node }) => node !== "");
const uidsOf = (pods: readonly SchedPod[]): Set<string> => new Set(pods.map(({ uid }) => uid));

describe("making room", () => {
  it("never evicts an equal or higher priority, nobody twice, and nobody for one that may not preempt", () => {
    fc.assert(
      fc.property(situationArb, (situation) => {
        const { nominations } = made(situation);
        for (const { pod, victims } of nominations) {
          expect(pod.preempts).toBe(true);
          for (const victim of victims) expect(victim.priority).toBeLessThan(pod.priority);
        }
        const victims = nominations.flatMap((one) => one.victims);
        expect(uidsOf(victims).size).toBe(victims.length);
      }),
      { numRuns: 300 },
    );
  });

  it("never evicts one with claims, nor anybody for one", () => {
    let standingWith = 0;
    fc.assert(
      fc.property(situationArb, (situation) => {
        standingWith += standing(situation).filter(({ claims }) => claims.length > 0).length;
        const concerned = made(situation).nominations.flatMap(({ pod, victims }) => [pod, ...victims]);
        expect(concerned.filter(({ claims }) => claims.length > 0)).toEqual([]);
      }),
      { numRuns: 300 },
    );
    expect(standingWith).toBeGreaterThan(100);
  });

  it("never spends more of a budget than there is", () => {
    fc.assert(
      fc.property(situationArb, (situation) => {
        const victims = made(situation).nominations.flatMap((one) => one.victims);
        const protectedOnes = victims.filter(({ labels }) => labels["app"] === "a");
        expect(protectedOnes.length).toBeLessThanOrEqual(situation.budgets[0]?.allowed ?? 0);
      }),
      { numRuns: 300 },
    );
  });

  it("gives nobody what is held or left: nothing is booked twice, before they have left and after", () => {
    fc.assert(
      fc.property(situationArb, (situation) => {
        const { placed } = made(situation);
        expect(overbooked(situation.world, [...standing(situation), ...placed])).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("always ends in a fit: once they have left, all for whom they did have their places", () => {
    fc.assert(
      fc.property(situationArb, (situation) => {
        const { nominations, placed } = made(situation);
        const gone = uidsOf(nominations.flatMap((one) => one.victims));
        const now = [...standing(situation).filter(({ uid }) => !gone.has(uid)), ...placed];
        const left = nominations.map(({ pod }) => pod);
        const held = new Map(nominations.map((one) => [one.pod.uid, one]));
        const world = { ...situation.world, pods: [...now, ...left] };
        const next = decide(world, left, situation.budgets, held);
        const then = bound(left, next);
        const missing = nominations.filter(({ pod }) => !uidsOf(then).has(pod.uid));
        expect(missing.map(({ pod }) => pod.name)).toEqual([]);
        expect(overbooked(world, [...now, ...then])).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("asks for nobody who could stay: with any one of the victims still there it would not fit", () => {
    fc.assert(
      fc.property(situationArb, (situation) => {
        const alone = { ...situation, waiting: situation.waiting.slice(0, 1) };
        const world = { ...situation.world, pods: [...standing(situation), ...alone.waiting] };
        const [nomination] = made({ ...alone, world }).nominations;
        for (const kept of nomination?.victims ?? [])
          expect(fitsBeside(kept, nomination!, { ...alone, world })).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

/** Whether the pod would have a place on the node of its nomination while one of the victims stays. */
function fitsBeside(kept: SchedPod, { pod, node, victims }: Nomination, { world }: Situation): boolean {
  const gone = new Set(victims.filter((one) => one !== kept).map(({ uid }) => uid));
  const pods = world.pods.filter(({ uid }) => !gone.has(uid));
  const nodes = world.nodes.filter(({ name }) => name === node);
  return decide({ ...world, nodes, pods }, [{ ...pod, preempts: false }], [], new Map()).batches.length > 0;
}
