import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { effectsOf, learnFrom, printLessons } from "./learn.ts";

let folder: string;

/** A day of a service by the formulas: replicas first, then sizes of one replica. */
function eventOf(load: number, replicas: number, cpuMilli: number): object {
  const p99 =
    60 * Math.exp((0.3 - 0.04 * replicas) * (1 + load / 10)) +
    (replicas === 1 ? 100 * Math.exp(-2 * (cpuMilli / 1000)) : 0);
  const pod = { availability: 1, nodename: "n", state: "Running", qosclass: "Guaranteed" };
  return {
    name: "default/my-intent",
    current_objectives: { "default/p99latency": p99, "default/throughput": load },
    desired_objectives: { "default/p99latency": 100, "default/throughput": 0 },
    resources: { "0_cpu_requests": cpuMilli, "0_cpu_limits": cpuMilli },
    pods: Object.fromEntries(Array.from({ length: replicas }, (_, index) => [`p-${index}`, pod])),
    plan: null,
  };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "intents-learn-"));
  const byReplicas = [1, 2, 3].flatMap((replicas) => [5, 10, 20, 30].map((load) => eventOf(load, replicas, 4_000)));
  const bySize = [500, 1_000, 2_000, 3_000].flatMap((milli) => Array.from({ length: 6 }, () => eventOf(10, 1, milli)));
  const unanswered = {
    ...eventOf(1, 1, 500),
    current_objectives: { "default/p99latency": -1, "default/throughput": -1 },
  };
  writeFileSync(join(folder, "events.json"), JSON.stringify([unanswered, ...byReplicas, ...bySize]));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("walras intent learn", () => {
  it("gives documents of effects with their ranges and how sure they are", () => {
    const effects = effectsOf(learnFrom(folder));
    expect(effects).toMatchObject([
      {
        name: "default/my-intent",
        group: "scaling",
        profileName: "default/p99latency",
        static: false,
        data: { replicaRange: [1, 3], throughputRange: [5, 30] },
      },
      { group: "vertical_scaling", data: { cpuRange: [0.5, 4] } },
      { group: "queueing", data: { loadRange: [5, 30], replicaRange: [1, 3], cpuRange: [0.5, 4] } },
    ]);
    for (const { data } of effects as readonly { readonly data: Record<string, unknown> }[])
      expect(data["deviation"]).toBeTypeOf("number");
  });

  it("tells in a line what was learnt, and what was not and why", () => {
    expect(printLessons(learnFrom(folder))).toMatch(
      /^default\/my-intent {2}default\/p99latency {2}scaling: \d+ rows, \d+ outliers left out, ± /,
    );
    writeFileSync(join(folder, "events.json"), JSON.stringify([eventOf(5, 1, 500)]));
    expect(printLessons(learnFrom(folder))).toContain("vertical_scaling: not learnt, 1 of 20 rows that it takes");
  });
});
