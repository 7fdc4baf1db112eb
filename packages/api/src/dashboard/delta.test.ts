import { describe, expect, it } from "vitest";

import { applyDelta } from "./delta.ts";
import { deltaBounds, DeltaWriter } from "./deltaWriter.ts";
import { dashboardSummary, type DashboardSummary, nodeStates, type SummaryDelta, summaryDelta } from "./summary.ts";
import { RecordedCluster, recordedSize } from "./testing.ts";

const small = { nodes: 200, pods: 6_000, seed: 7 };

function applied(summary: DashboardSummary, delta: SummaryDelta): DashboardSummary {
  const next = applyDelta(summary, delta);
  if (!next) throw new Error(`delta ${delta.seq} does not follow ${summary.seq}`);
  return next;
}

/** The cells by node, whichever row each is in. */
function byNode({ cells }: Pick<DashboardSummary, "cells">): Record<string, unknown> {
  const rows = cells.node.map((node, row): [string, unknown] => [
    node,
    [cells.price[row], cells.used[row], cells.state[row], cells.pods[row], cells.rationed[row]],
  ]);
  return Object.fromEntries(rows.filter(([node]) => node !== ""));
}

/** Without these nodes. */
function without(summary: DashboardSummary, gone: ReadonlySet<string>): DashboardSummary {
  const kept = <T>(column: readonly T[]): T[] => column.filter((_, row) => !gone.has(summary.cells.node[row] ?? ""));
  const { node, price, used, state, pods, rationed } = summary.cells;
  const cells = {
    node: kept(node),
    price: kept(price),
    used: kept(used),
    state: kept(state),
    pods: kept(pods),
    rationed: kept(rationed),
  };
  return { ...summary, cells };
}

describe("a recorded cluster", () => {
  it("is what the schema says, and the same for the same seed", () => {
    const one = new RecordedCluster(small);
    const other = new RecordedCluster(small);
    for (const cluster of [one, other]) for (let second = 0; second < 3; second += 1) cluster.step();
    expect(dashboardSummary.parse(one.summary())).toEqual(other.summary());
    expect(one.summary().cells.pods.reduce((sum, pods) => sum + pods, 0)).toBe(small.pods);
    expect(new RecordedCluster({ ...small, seed: 8 }).summary()).not.toEqual(new RecordedCluster(small).summary());
  });
});

describe("deltas", () => {
  it("bring everybody to what was told, whenever they began", () => {
    const cluster = new RecordedCluster(small);
    const writer = new DeltaWriter(cluster.summary());
    let early = writer.whole();
    let late: DashboardSummary | null = null;
    for (let second = 0; second < 40; second += 1) {
      cluster.step();
      const delta = summaryDelta.parse(writer.next(cluster.summary()));
      early = applied(early, delta);
      if (second === 20) late = writer.whole();
      else if (late) late = applied(late, delta);
      expect(early).toEqual(writer.whole());
    }
    expect(late).toEqual(early);
  });

  it("differ from what is by no more than their steps, and by nothing once it stands still", () => {
    const cluster = new RecordedCluster(small);
    const writer = new DeltaWriter(cluster.summary());
    for (let second = 0; second < 30; second += 1) {
      cluster.step();
      writer.next(cluster.summary());
    }
    const now = cluster.summary();
    const { cells } = writer.whole();
    now.cells.used.forEach((used, row) => {
      expect(Math.abs((used ?? 0) - (cells.used[row] ?? 0))).toBeLessThanOrEqual(deltaBounds.leastUsedPercent);
      expect(cells.state[row]).toBe(now.cells.state[row]);
    });
    for (let second = 0; second <= deltaBounds.settledAfter; second += 1) writer.next(now);
    expect(byNode(writer.whole())).toEqual(byNode(now));
    expect(writer.next(now).cells.row).toEqual([]);
  });

  it("give the row of a node that has left to one that has come", () => {
    const whole = new RecordedCluster({ ...small, nodes: 5 }).summary();
    const writer = new DeltaWriter(without(whole, new Set(["node-00004"])));
    let page = writer.whole();
    page = applied(page, writer.next(without(whole, new Set(["node-00002", "node-00004"]))));
    expect(page.cells.node).toEqual(["node-00000", "node-00001", "", "node-00003"]);
    page = applied(page, writer.next(without(whole, new Set(["node-00002"]))));
    expect(page.cells.node).toEqual(["node-00000", "node-00001", "node-00004", "node-00003"]);
    expect(byNode(page)).toEqual(byNode(without(whole, new Set(["node-00002"]))));
    page = applied(page, writer.next(whole));
    expect(byNode(page)).toEqual(byNode(whole));
  });

  it("tell a node that comes to stand otherwise before all that only moves", () => {
    const cluster = new RecordedCluster(small);
    const before = cluster.summary();
    const writer = new DeltaWriter(before, { ...deltaBounds, mostCells: 1 });
    const cells = structuredClone(before.cells);
    cells.used = cells.used.map((used) => (used === null ? null : Math.max(0, used - 20)));
    cells.state[150] = nodeStates.indexOf("unknown");
    cells.used[150] = null;
    expect(writer.next({ ...before, cells }).cells.row).toEqual([150]);
  });

  it("do not follow where one was missed", () => {
    const cluster = new RecordedCluster(small);
    const writer = new DeltaWriter(cluster.summary());
    const whole = writer.whole();
    writer.next(cluster.summary());
    expect(applyDelta(whole, writer.next(cluster.summary()))).toBeNull();
  });

  it("take at most 50 kB a second at 5,000 nodes, however much moves", () => {
    const cluster = new RecordedCluster(recordedSize);
    const writer = new DeltaWriter(cluster.summary());
    const bytes: number[] = [];
    for (let second = 0; second < 60; second += 1) {
      cluster.step();
      bytes.push(JSON.stringify(writer.next(cluster.summary())).length);
    }
    const everything = structuredClone(cluster.summary());
    everything.cells.used = everything.cells.used.map((used) => (used === null ? 99 : null));
    everything.cells.price = everything.cells.price.map(() => 12_300);
    const worst = JSON.stringify(writer.next(everything)).length;
    expect(Math.max(...bytes)).toBeLessThan(50_000);
    expect(worst).toBeLessThan(50_000);
    expect(bytes.reduce((sum, one) => sum + one, 0) / bytes.length).toBeGreaterThan(100);
  });
});
