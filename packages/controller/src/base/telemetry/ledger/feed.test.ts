import type { ContainerSamples, Report } from "@walras/proto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { AgentFeed } from "./feed.ts";
import { Ledger } from "./ledger.ts";

const onNode = new Map([1, 2, 9].map((pod) => [`pod-${pod}`, new Set([`c${pod}`])]));
const bounds = { capacityMilli: () => 4000, pods: () => onNode };

function samplesOf(rows: readonly (readonly [handle: number, usage: number])[]): ContainerSamples {
  return {
    handle: rows.map(([handle]) => handle),
    usageMilli: rows.map(([, usage]) => usage),
    throttledPermille: rows.map(([handle]) => (handle === 1 ? 100 : 0)),
    throttledMilli: rows.map(([handle]) => (handle === 1 ? 5 : 0)),
    pressurePermille: rows.map(() => -1),
  };
}

function aReport(sequence: number, part: Partial<Report> = {}): Report {
  return {
    sequence,
    full: false,
    windowMillis: 1000,
    capturedUnixMillis: 0,
    introduced: [],
    gone: [],
    limits: [],
    ...part,
  };
}

/** Until when what is known of c1 and c2 holds. */
function freshMs(ledger: Ledger): Record<string, number | undefined> {
  return Object.fromEntries(["c1", "c2"].map((id) => [id, ledger.container("n", id)?.stream.lastMs]));
}

/** A feed that knows containers c1 and c2, at 100 m and 200 m. */
function aFeed(): AgentFeed {
  const feed = new AgentFeed(bounds);
  const introduced = [1, 2].map((handle) => ({
    handle,
    podUid: `pod-${handle}`,
    containerId: `c${handle}`,
    runtime: "containerd",
  }));
  const limits = [{ handle: 1, quotaMilli: 500, podQuotaMilli: 400, sharesOrWeight: 10 }];
  feed.read(
    aReport(1, {
      full: true,
      introduced,
      limits,
      samples: samplesOf([
        [1, 100],
        [2, 200],
      ]),
    }),
    0,
  );
  return feed;
}

describe("an agent's feed", () => {
  it("joins deltas: what is not mentioned is no news, unless it is throttled again", () => {
    const feed = aFeed();
    expect(feed.read(aReport(2), 1000).containers).toMatchObject([{ containerId: "c1", usageMilli: 100, atMs: 1000 }]);
    const calm = { ...samplesOf([[1, 100]]), throttledPermille: [0], throttledMilli: [0] };
    expect(feed.read(aReport(3, { samples: calm }), 2000).containers).toHaveLength(1);
    expect(feed.read(aReport(4), 3000).containers).toEqual([]);
  });

  it("says nothing more of a container whose handle was given to another, however throttled it was", () => {
    const feed = aFeed();
    const introduced = [{ handle: 1, podUid: "pod-9", containerId: "c9", runtime: "" }];
    expect(feed.read(aReport(2, { introduced, samples: samplesOf([[2, 250]]) }), 1000).gone).toEqual(["c1"]);
    expect(feed.read(aReport(3), 2000).containers).toEqual([]);
  });

  it("takes a container for gone that has another handle and is not told of, until it is", () => {
    const feed = aFeed();
    const introduced = [{ handle: 7, podUid: "pod-2", containerId: "c2", runtime: "" }];
    expect(feed.read(aReport(2, { introduced }), 1000).gone).toEqual(["c2"]);
    const { containers } = feed.read(aReport(3, { samples: samplesOf([[7, 250]]) }), 2000);
    expect(containers).toContainEqual(expect.objectContaining({ containerId: "c2", usageMilli: 250, atMs: 2000 }));
  });

  it("tells a new limit as news of a container that is as it was", () => {
    const limits = [{ handle: 2, quotaMilli: 700, podQuotaMilli: -1, sharesOrWeight: 10 }];
    const { containers } = aFeed().read(aReport(2, { limits }), 1000);
    const c2 = containers.find(({ containerId }) => containerId === "c2");
    expect(c2).toMatchObject({ usageMilli: 200, quotaMilli: 700, atMs: 1000 });
  });

  it("tells what is new of each", () => {
    const samples = samplesOf([
      [1, 150],
      [2, 250],
    ]);
    const { containers, rejections } = aFeed().read(aReport(2, { samples }), 1000);
    expect(rejections).toEqual([]);
    expect(containers).toMatchObject([
      {
        containerId: "c1",
        usageMilli: 150,
        throttledRatio: 0.1,
        throttledMilli: 5,
        pressureRatio: null,
        quotaMilli: 400,
        atMs: 1000,
      },
      { containerId: "c2", usageMilli: 250, quotaMilli: null, atMs: 1000 },
    ]);
  });

  it("forgets containers that vanished", () => {
    const { containers, gone } = aFeed().read(aReport(2, { gone: [1] }), 1000);
    expect(gone).toEqual(["c1"]);
    expect(containers).toEqual([]);
  });

  it.each([1e9, -1, NaN])("does not believe a usage of %d, names it, and keeps the others fresh", (usage) => {
    const feed = aFeed();
    const ledger = new Ledger();
    const { rejections, ...read } = feed.read(aReport(2, { samples: samplesOf([[1, usage]]) }), 1000);
    ledger.apply("n", { ...read, rejections });
    expect(rejections).toHaveLength(1);
    expect(rejections[0]?.detail).toContain(`usage_milli ${usage} of container c1`);
    ledger.apply("n", feed.read(aReport(3, { samples: samplesOf([[2, 200]]) }), 2000));
    expect(freshMs(ledger)).toEqual({ c1: 0, c2: 2000 });
    ledger.apply("n", feed.read(aReport(4, { samples: samplesOf([[1, 120]]) }), 3000));
    expect(freshMs(ledger)).toEqual({ c1: 3000, c2: 3000 });
  });

  it("keeps as old as it is what a whole report does not tell", () => {
    const feed = aFeed();
    const ledger = new Ledger();
    const introduced = [1, 2].map((handle) => ({
      handle,
      podUid: `pod-${handle}`,
      containerId: `c${handle}`,
      runtime: "",
    }));
    const both = samplesOf([
      [1, 100],
      [2, 200],
    ]);
    ledger.apply("n", feed.read(aReport(2, { full: true, introduced, samples: both }), 1000));
    ledger.apply("n", feed.read(aReport(3, { full: true, introduced, samples: samplesOf([[2, 210]]) }), 2000));
    ledger.apply("n", feed.read(aReport(4), 3000));
    expect(freshMs(ledger)).toEqual({ c1: 1000, c2: 3000 });
  });

  it("does not believe an agent about a pod of another node", () => {
    const feed = aFeed();
    const introduced = [{ handle: 3, podUid: "stranger", containerId: "c3", runtime: "" }];
    const { containers, rejections } = feed.read(aReport(2, { introduced, samples: samplesOf([[3, 10]]) }), 1000);
    expect(rejections).toEqual([{ reason: "ForeignPod", detail: "pod stranger is not on this node" }]);
    expect(containers.map(({ containerId }) => containerId)).toEqual(["c1"]);
  });

  it("drops a report out of order and asks for everything", () => {
    const feed = aFeed();
    for (const sequence of [1, 3]) {
      const { containers, rejections, resync } = feed.read(aReport(sequence, { samples: samplesOf([[1, 999]]) }), 1000);
      expect([containers, resync]).toEqual([[], true]);
      expect(rejections[0]?.reason).toBe("OutOfOrder");
    }
    const full = aReport(7, {
      full: true,
      introduced: [{ handle: 9, podUid: "pod-9", containerId: "c9", runtime: "" }],
      samples: samplesOf([[9, 70]]),
    });
    expect(feed.read(full, 2000).containers).toMatchObject([{ containerId: "c9", usageMilli: 70 }]);
  });

  it("drops a window that no clock can have measured", () => {
    const { containers, node, rejections } = aFeed().read(aReport(2, { windowMillis: 0 }), 1000);
    expect([containers, node]).toEqual([[], null]);
    expect(rejections).toEqual([{ reason: "BadWindow", detail: "window_millis 0" }]);
  });

  it("drops arrays that do not belong together", () => {
    const samples = { ...samplesOf([[1, 10]]), usageMilli: [] };
    expect(aFeed().read(aReport(2, { samples }), 0).rejections[0]?.reason).toBe("Malformed");
  });

  it("takes a busy fraction that is no number for unknown, not for zero", () => {
    const { node, rejections } = aFeed().read(aReport(2, { node: { busyFraction: NaN, busySource: 1 } }), 1000);
    expect(node).toMatchObject({ busyFraction: null, memoryTotalBytes: null });
    expect(rejections[0]?.detail).toBe("node.busy_fraction NaN");
  });

  it("survives any numbers and believes only possible ones", () => {
    const anyInt = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    const anySamples = fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), anyInt, anyInt, anyInt, anyInt), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(anySamples, (rows) => {
        const column = (index: number): number[] => rows.map((row) => row[index] ?? 0);
        const samples = {
          handle: column(0),
          usageMilli: column(1),
          throttledPermille: column(2),
          throttledMilli: column(3),
          pressurePermille: column(4),
        };
        for (const reading of aFeed().read(aReport(2, { samples }), 1000).containers) {
          expect(reading.usageMilli).toBeGreaterThanOrEqual(0);
          expect(reading.usageMilli).toBeLessThanOrEqual(5000);
          expect(reading.throttledRatio ?? 0).toBeLessThanOrEqual(1);
          expect(reading.pressureRatio ?? 0).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

describe("the ledger", () => {
  it("keeps the last reading of each container, of its node alone", () => {
    const ledger = new Ledger();
    ledger.apply("n", aFeed().read(aReport(2, { samples: samplesOf([[2, 250]]) }), 1000));
    expect(ledger.container("n", "c2")?.usageMilli).toBe(250);
    expect(ledger.container("other", "c2")).toBeUndefined();
  });

  it("forgets what the cluster has forgotten", () => {
    const ledger = new Ledger();
    ledger.apply("n", aFeed().read(aReport(2), 1000));
    ledger.retain("n", new Set(["c2"]));
    expect(ledger.container("n", "c1")).toBeUndefined();
    ledger.forgetNode("n");
    expect(ledger.node("n")).toBeNull();
  });
});
