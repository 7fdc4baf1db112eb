import { silentLogger, VirtualClock } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { Inbox } from "../inbox/inbox.ts";
import { pictureOf } from "../inbox/testing/picture.ts";
import { analysisOf, FakeAnalyzer } from "../pose/testing/fakeAnalyzer.ts";
import type { LoopResult } from "../results/row.ts";
import { type LoopParts, runLoops } from "./run.ts";

const never = new AbortController().signal;
const jpeg = new Uint8Array([0xff, 0xd8]);

interface Bench extends LoopParts {
  readonly inbox: Inbox;
  readonly clock: VirtualClock;
  readonly results: LoopResult[];
  readonly pictures: string[];
}

function benchOf(analyzer: FakeAnalyzer, workers = 2): Bench {
  const clock = new VirtualClock();
  const results: LoopResult[] = [];
  const pictures: string[] = [];
  return {
    inbox: new Inbox(16, clock),
    analyzer,
    workers,
    clock,
    results,
    pictures,
    sink: {
      picture: ({ loop, piId }) => Promise.resolve(void pictures.push(`${loop} ${piId}`)),
      result: (result) => Promise.resolve(void results.push(result)),
    },
    meter: { read: () => Promise.resolve({ cpuPct: 50, ramPct: 25, gpuPct: null }) },
    logger: silentLogger,
  };
}

const schedule = (...copies: number[]): { copies: number[]; pictureTimeoutMs: number } => ({
  copies,
  pictureTimeoutMs: 60_000,
});
const drawing = (): FakeAnalyzer =>
  new FakeAnalyzer((_, annotate) => Promise.resolve(analysisOf({ annotated: annotate ? jpeg : null })));

describe("the loops", () => {
  it("analyze each its own picture as often as the schedule says, never more at once than there are workers", async () => {
    const analyzer = drawing();
    const bench = benchOf(analyzer);
    for (const piId of ["a", "b", "c"]) bench.inbox.put(pictureOf({ piId }));
    await runLoops(bench, schedule(1, 5), never);
    expect(bench.results).toMatchObject([
      { loop: 1, copies: 1, processed: 1, piId: "a", meanSeconds: 0.1, cpuPct: 50, gpuPct: null },
      { loop: 2, copies: 5, processed: 5, piId: "b" },
    ]);
    expect(bench.pictures).toEqual(["1 a", "2 b"]);
    expect([analyzer.asked, analyzer.mostAtOnce]).toEqual([6, 2]);
    expect((await bench.inbox.take(0, never))?.piId).toBe("c");
  });

  it("pass over what is no picture", async () => {
    const bench = benchOf(
      new FakeAnalyzer((bytes) => Promise.resolve(bytes[0] === 1 ? { broken: "is text" } : analysisOf())),
    );
    bench.inbox.put(pictureOf({ piId: "broken", bytes: new Uint8Array(new SharedArrayBuffer(1)).fill(1) }));
    bench.inbox.put(pictureOf({ piId: "whole" }));
    await runLoops(bench, schedule(2), never);
    expect(bench.results).toMatchObject([{ loop: 1, piId: "whole", processed: 2 }]);
  });

  it("count what was analyzed only", async () => {
    let turn = 0;
    const bench = benchOf(
      new FakeAnalyzer(() => {
        turn += 1;
        return turn % 3 === 0 ? Promise.reject(new Error("worker ended")) : Promise.resolve(analysisOf());
      }),
    );
    bench.inbox.put(pictureOf({}));
    await runLoops(bench, schedule(9), never);
    expect(bench.results).toMatchObject([{ copies: 9, processed: 6 }]);
  });

  it("fail when nothing comes, and when nothing can be analyzed", async () => {
    const waiting = benchOf(drawing());
    const failed = expect(runLoops(waiting, schedule(1), never)).rejects.toThrow("no picture came within 60 s");
    await waiting.clock.advance(60_000);
    await failed;
    const broken = benchOf(new FakeAnalyzer(() => Promise.reject(new Error("no model"))));
    broken.inbox.put(pictureOf({}));
    await expect(runLoops(broken, schedule(1), never)).rejects.toThrow("no model");
  });

  it("write what they have when they are stopped, and begin nothing more", async () => {
    const stop = new AbortController();
    let turn = 0;
    const bench = benchOf(
      new FakeAnalyzer(() => {
        turn += 1;
        if (turn === 10) stop.abort();
        return Promise.resolve(analysisOf());
      }),
    );
    for (const piId of ["a", "b"]) bench.inbox.put(pictureOf({ piId }));
    await runLoops(bench, schedule(1000, 1000), stop.signal);
    expect(bench.results).toHaveLength(1);
    expect(bench.results[0]?.processed).toBeGreaterThanOrEqual(10);
    expect(bench.results[0]?.processed).toBeLessThan(13);
  });

  it("tell the mean of the machine's use over a loop", async () => {
    let reading = 0;
    let finish = (): void => undefined;
    let turn = 0;
    const analyzer = new FakeAnalyzer(async () => {
      turn += 1;
      if (turn === 2) await new Promise<void>((resolve) => (finish = resolve));
      return analysisOf();
    });
    const meter = {
      read: () => Promise.resolve({ cpuPct: (reading += 10), ramPct: null, gpuPct: reading > 20 ? 8 : null }),
    };
    const bench = { ...benchOf(analyzer, 1), meter };
    bench.inbox.put(pictureOf({}));
    const done = runLoops(bench, schedule(2), never);
    await bench.clock.advance(0);
    await bench.clock.advance(2000);
    finish();
    await done;
    expect(bench.results).toMatchObject([{ cpuPct: 20, ramPct: null, gpuPct: 8 }]);
  });
});
