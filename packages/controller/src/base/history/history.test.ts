import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { silentLogger, systemClock } from "@walras/kit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { DiskHistory } from "./disk.ts";
import type { Entry, History } from "./history.ts";
import { MemoryHistory } from "./memory.ts";
import { aDecision } from "./testing/decisions.ts";

let folder: string;
const stops: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "walras-history-"));
});

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  rmSync(folder, { recursive: true, force: true });
});

async function disk(mostBytes: number): Promise<DiskHistory> {
  const around = { clock: systemClock, logger: silentLogger, onDropped: () => undefined };
  const history = new DiskHistory({ folder, mostBytes, ...around });
  await history.start();
  stops.push(() => history.stop());
  return history;
}

const kinds: readonly (readonly [string, (mostBytes: number) => Promise<History>])[] = [
  ["in memory", (mostBytes) => Promise.resolve(new MemoryHistory(mostBytes, systemClock))],
  ["on disk", disk],
];

function names(entries: readonly Entry[]): string[] {
  return entries.map(({ object }) => object.name);
}

describe.each(kinds)("the history %s", (_, open) => {
  it("gives back what was decided, in order, with ids that only grow", async () => {
    const history = await open(1e6);
    const decision = aDecision({ numbers: { price: 0.25, toLimitMilli: 300 } });
    for (const pod of ["a", "b", "c"]) history.append({ ...decision, object: { ...decision.object, name: pod } });
    const found = await history.query({ limit: 10 });
    expect(names(found)).toEqual(["a", "b", "c"]);
    expect(found[0]).toEqual({ ...decision, object: { ...decision.object, name: "a" }, id: found[0]?.id });
    expect(found.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(found.map(({ id }) => id));
  });

  it("finds by part, object and time", async () => {
    const history = await open(1e6);
    history.append(aDecision({ pod: "a", at: 1_000 }));
    history.append(aDecision({ pod: "b", part: "carla", at: 2_000 }));
    history.append(aDecision({ pod: "b", at: 3_000 }));
    const find = async (query: object): Promise<string[]> => names(await history.query({ limit: 10, ...query }));
    expect(await find({ part: "carla" })).toEqual(["b"]);
    expect(await find({ name: "b", namespace: "shop", kind: "Pod" })).toEqual(["b", "b"]);
    expect(await find({ uid: "uid-a" })).toEqual(["a"]);
    expect(await find({ sinceMs: 1_000, untilMs: 2_000 })).toEqual(["a", "b"]);
    expect(await find({ namespace: "other" })).toEqual([]);
  });

  it("gives the newest, or page after page from an id on", async () => {
    const history = await open(1e6);
    for (const pod of ["a", "b", "c", "d"]) history.append(aDecision({ pod }));
    expect(names(await history.query({ limit: 2 }))).toEqual(["c", "d"]);
    const [first] = await history.query({ limit: 4 });
    const page = await history.query({ limit: 2, after: first?.id ?? 0 });
    expect(names(page)).toEqual(["b", "c"]);
    expect(names(await history.query({ limit: 2, after: page.at(-1)?.id ?? 0 }))).toEqual(["d"]);
  });

  it("tells those who follow of each entry, and no more when they stop", async () => {
    const history = await open(1e6);
    const heard: string[] = [];
    const stop = history.follow(({ object }) => heard.push(object.name));
    history.append(aDecision({ pod: "a" }));
    stop();
    history.append(aDecision({ pod: "b" }));
    expect(heard).toEqual(["a"]);
  });

  it("forgets the oldest when it is full, whatever is decided", async () => {
    const history = await open(200_000);
    for (let index = 0; index < 10_000; index += 1) {
      history.append(aDecision({ pod: `pod-${index}` }));
      // A real controller decides in pauses, in which the thread writes.
      if (index % 500 === 499) await history.query({ limit: 1 });
    }
    const kept = await history.query({ limit: 100_000 });
    expect(kept.at(-1)?.object.name).toBe("pod-9999");
    expect(kept.length).toBeGreaterThan(100);
    expect(kept.length).toBeLessThan(5_000);
    expect(names(kept)).toEqual(kept.map((_entry, index) => `pod-${10_000 - kept.length + index}`));
  });
});
