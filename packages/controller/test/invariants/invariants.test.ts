import { describe, expect, it } from "vitest";

import { steady, template } from "./pods.ts";
import { Trial } from "./trial.ts";

const patience = 300_000;

describe("two controllers on a cluster that changes and fails", () => {
  it.each([0, 300, 900])(
    "break nothing in five minutes while the API server takes %d ms",
    { timeout: patience },
    async (latencyMs) => {
      const { violations, checks, resizes, leaders } = await new Trial({
        latencyMs,
        minutes: 5,
        mix: "all",
        seed: 20 + latencyMs,
      }).run();
      expect([...violations]).toEqual([]);
      expect([checks > 50_000, resizes > 200, leaders > 0]).toEqual([true, true, true]);
    },
  );

  it("see the same world and do the same in it for one seed", { timeout: patience }, async () => {
    const one = { latencyMs: 300, minutes: 2, mix: "all", seed: 7, nodes: 3, pods: 30 } as const;
    expect(await new Trial(one).run()).toEqual(await new Trial(one).run());
  });

  it("write nothing where nothing changes", { timeout: patience }, async () => {
    const draw = (rng: () => number): ReturnType<typeof template> => steady(template(rng));
    const cluster = { nodes: 4, pods: 40, churnPerMinute: 0, draw };
    const trial = new Trial({ latencyMs: 0, minutes: 0, mix: "churn only", seed: 1, ...cluster });
    await trial.start();
    const written: number[] = [];
    for (let minute = 0; minute < 9; minute += 1) {
      const before = trial.checker.writes;
      for (let second = 0; second < 60; second += 1) await trial.second();
      written.push(trial.checker.writes - before);
    }
    await trial.end();
    expect(written[0]).toBeGreaterThan(0);
    expect(written.slice(1)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });
});
