import { type Rng, seededRng } from "@walras/kit";
import { expect, it } from "vitest";

import { type Load, MarketNode } from "./node.ts";

const seconds = 420;

/** Steady, stepping, bursting and drifting loads, some of them of bounds and of tight limits. */
function someLoads(rng: Rng): Load[] {
  return Array.from({ length: 12 }, (_, index) => {
    const base = 0.02 + 0.1 * rng();
    const [stepMs, periodMs, kind] = [rng() * seconds * 1000, 5_000 + rng() * 60_000, Math.floor(rng() * 4)];
    const shapes: Load["cores"][] = [
      () => base,
      (atMs) => (atMs < stepMs ? base : 3 * base),
      (atMs) => (atMs % periodMs < periodMs / 3 ? 2 * base : base / 10),
      (atMs) => base * (1 + (2 * atMs) / (seconds * 1000)),
    ];
    const annotations: Record<string, string> = rng() < 0.2 ? { "mbcas.io/limits": "tight" } : {};
    if (rng() < 0.2) annotations["mbcas.io/max-cpu"] = "150m";
    return {
      name: `pod-${index}`,
      requestMilli: Math.round(20 + rng() * 150),
      limitMilli: rng() < 0.2 ? null : Math.round(180 + rng() * 200),
      cores: shapes[kind] ?? (() => base),
      annotations,
    };
  });
}

async function run(seed: number, whole: boolean): Promise<{ node: MarketNode; loads: readonly Load[] }> {
  const loads = someLoads(seededRng(seed));
  const node = new MarketNode({ cores: 4, whole });
  for (const load of loads) node.add(load);
  await node.run(seconds);
  return { node, loads };
}

it.each([1, 2, 3, 4])(
  "who is decided when something has moved fares as who is decided each second (seed %i)",
  async (seed) => {
    const [lazy, eager] = [await run(seed, false), await run(seed, true)];
    expect(lazy.node.decided).toBeLessThan(eager.node.decided / 2);
    for (const { name } of lazy.loads) {
      const [one, other] = [lazy.node, eager.node];
      expect(Math.abs(one.throttledSeconds(name) - other.throttledSeconds(name)), name).toBeLessThan(0.5);
      expect(isNear(one.requestMilli(name), other.requestMilli(name)), name).toBe(true);
      expect(isNear(one.limitMilli(name) ?? 0, other.limitMilli(name) ?? 0), name).toBe(true);
    }
  },
);

/** Within the deadband of requests, by which both may stand. */
function isNear(one: number, other: number): boolean {
  return Math.abs(one - other) <= Math.max(20, 0.25 * Math.max(one, other));
}
