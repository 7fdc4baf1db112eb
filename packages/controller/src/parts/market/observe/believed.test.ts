import { NumberRows } from "@walras/kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { ContainerReading, StreamMoments } from "../../../base/telemetry/ledger/readings.ts";
import { defaultMarketPolicy as policy } from "../decide/policy.ts";
import { aSample } from "../decide/testing.ts";
import { beliefWidth } from "./beliefRow.ts";
import { Believed } from "./believed.ts";

/** An agent that reports each second, and a container that it tells of. */
class Told {
  readonly #stream: StreamMoments = { lastMs: 0, beforeMs: 0 };
  readonly believed: Believed;

  constructor(usageMilli: number) {
    this.believed = new Believed(this.#reading({ usageMilli }), policy, new NumberRows(beliefWidth));
  }

  /** A report that does not mention it. */
  pass(afterMs = 1000): this {
    this.#stream.beforeMs = this.#stream.lastMs;
    this.#stream.lastMs += afterMs;
    return this;
  }

  tell(sample: Parameters<typeof aSample>[0], afterMs = 1000): this {
    this.pass(afterMs);
    this.believed.hear(this.#reading(sample));
    return this;
  }

  #reading(sample: Parameters<typeof aSample>[0]): ContainerReading {
    const own = { podUid: "pod", containerId: "c", stream: this.#stream };
    return { ...aSample({ atMs: this.#stream.lastMs, ...sample }), ...own };
  }
}

/** What is believed of it at this moment. */
function numbersOf({ believed }: Told): Readonly<Record<string, number>> {
  const { sample, wantedMilli, surgeMilli, surgeAtMs, peakMilli, peakAtMs, meanMilli, margin, sinceMs } =
    believed.now();
  const { atMs, usageMilli } = sample;
  return { atMs, usageMilli, wantedMilli, surgeMilli, surgeAtMs, peakMilli, peakAtMs, meanMilli, margin, sinceMs };
}

describe("what is believed of a container", () => {
  it("is the same whether each second is told or only what changes", () => {
    // None is half of another: what fades by halves would come to the other within a rounding.
    const use = fc.constantFrom(0, 90, 170, 310, 530);
    const stretch = fc.record({ usageMilli: use, seconds: fc.integer({ min: 1, max: 900 }) });
    fc.assert(
      fc.property(fc.array(stretch, { minLength: 1, maxLength: 6 }), (stretches) => {
        const [eager, lazy] = [new Told(100), new Told(100)];
        for (const { usageMilli, seconds } of stretches) {
          lazy.tell({ usageMilli });
          for (let second = 0; second < seconds; second += 1) {
            eager.tell({ usageMilli });
            if (second > 0) lazy.pass();
          }
        }
        const two = numbersOf(lazy);
        for (const [name, value] of Object.entries(numbersOf(eager))) expect(two[name], name).toBeCloseTo(value, 6);
        const [used, passed] = [eager.believed.takeUse(), lazy.believed.takeUse()];
        expect(passed.coveredMs).toBe(used.coveredMs);
        expect(passed.neededMilliMs).toBeCloseTo(used.neededMilliMs, 3);
        expect(passed.meanMilli).toBeCloseTo(used.meanMilli, 6);
      }),
    );
  });

  it("grows old when its agent has nothing more to say of it, or speaks no more", () => {
    const gone = new Told(100).pass().pass();
    gone.believed.silence();
    gone.pass().pass();
    expect(gone.believed.now().sample.atMs).toBe(1000);
  });

  it("does not take the time for watched in which its agent was silent", () => {
    const told = new Told(100).tell({ usageMilli: 100 });
    told.tell({ usageMilli: 900 }, policy.staleAfterMs + 1).tell({ usageMilli: 200 });
    expect(told.believed.takeUse()).toMatchObject({ coveredMs: 2000, neededMilliMs: 300_000 });
    expect(told.believed.takeUse()).toMatchObject({ coveredMs: 0, neededMilliMs: 0 });
  });

  it("learns nothing from what is not newer", () => {
    const told = new Told(100).tell({ usageMilli: 300 });
    const before = numbersOf(told);
    told.tell({ usageMilli: 900 }, 0);
    expect(numbersOf(told)).toEqual(before);
  });

  it("has what the kernel does not tell as unknown, and not as nothing", () => {
    const told = new Told(100).tell({ throttledRatio: null, pressureRatio: null, quotaMilli: null });
    expect(told.believed.now().sample).toMatchObject({ throttledRatio: null, pressureRatio: null, quotaMilli: null });
    told.tell({ throttledRatio: 0, pressureRatio: 0, quotaMilli: 0 });
    expect(told.believed.now().sample).toMatchObject({ throttledRatio: 0, pressureRatio: 0, quotaMilli: 0 });
  });
});
