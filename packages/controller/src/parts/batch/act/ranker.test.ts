import { silentLogger, systemClock } from "@walras/kit";
import type { Write } from "@walras/kube";
import { ApiServer, inProcessTransport } from "@walras/sim/apiserver";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Slot } from "../decide/slot.ts";
import { labelsOf, othersLabels, rankFree, rankLabel, rankManager, slotLabel } from "../decide/rank.ts";
import { toBatchNode } from "../observe/cluster/node.ts";
import { type RankedNode, Ranker, rankPort, type RankWrite } from "./ranker.ts";

const slot = (node: string, busyFraction: number | null, state: Slot["state"] = "free"): Slot => ({
  node,
  busyFraction,
  state,
  detail: "",
});

describe("ranking", () => {
  it("puts the node with most free CPU first, and those without room nowhere", () => {
    const slots = [
      slot("a", 0.5),
      slot("b", 0.1),
      slot("c", 0.3),
      slot("hot", 0.9, "busy"),
      slot("mute", null, "unknown"),
    ];
    expect(rankFree(slots, [])).toEqual(["b", "c", "a"]);
    expect(Object.fromEntries(labelsOf(slots, ["b", "c", "a"]))).toEqual({
      b: { slot: "slot-1", rank: "1" },
      c: { slot: "slot-2", rank: "2" },
      a: { slot: "slot-3", rank: "3" },
      hot: { slot: undefined, rank: "9999" },
      mute: { slot: undefined, rank: "9999" },
    });
  });

  it("keeps the order while nodes differ little, and changes it when they differ much", () => {
    expect(rankFree([slot("a", 0.34), slot("b", 0.3)], ["a", "b"])).toEqual(["a", "b"]);
    expect(rankFree([slot("a", 0.36), slot("b", 0.3)], ["a", "b"])).toEqual(["b", "a"]);
    expect(rankFree([slot("a", 0.36), slot("b", 0.3)], ["b", "a"])).toEqual(["b", "a"]);
  });

  it("names each free node once, and settles: ranking again changes nothing", () => {
    const nodes = fc.uniqueArray(
      fc.record({ node: fc.stringMatching(/^[a-z]{1,4}$/), busy: fc.double({ min: 0, max: 0.69, noNaN: true }) }),
      { selector: ({ node }) => node },
    );
    fc.assert(
      fc.property(nodes, fc.array(fc.stringMatching(/^[a-z]{1,4}$/)), (given, before) => {
        const slots = given.map(({ node, busy }) => slot(node, busy));
        const order = rankFree(slots, [...new Set(before)]);
        expect(order.toSorted()).toEqual(given.map(({ node }) => node).toSorted());
        expect(rankFree(slots, order)).toEqual(order);
      }),
    );
  });
});

const ours = [rankManager];

interface Rig {
  readonly written: Map<string, RankWrite>;
  readonly told: string[];
  rank(): Promise<void>;
}

function rig(slots: readonly Slot[], nodes: Readonly<Record<string, RankedNode>>, takes = false): Rig {
  const written = new Map<string, RankWrite>();
  const told: string[] = [];
  const writes: Write[] = [];
  const ranker = new Ranker({
    slots: () => slots,
    node: (name) => nodes[name],
    takes,
    port: { write: (node, what) => Promise.resolve(void written.set(node, what)) },
    enqueue: (write) => writes.push(write),
    logger: { ...silentLogger, warn: (...args: unknown[]) => told.push(String(args[1])) },
  });
  return {
    written,
    told,
    rank: async () => {
      ranker.rank();
      for (const { write } of writes.splice(0)) await write();
    },
  };
}

const has = (labels: Record<string, string>, owners: Record<string, readonly string[]> = {}): RankedNode => ({
  labels,
  labelOwners: new Map(Object.keys(labels).map((label) => [label, owners[label] ?? ours])),
});

describe("the ranker", () => {
  it("writes what differs, removes ours from nodes that take no jobs, and leaves the rest alone", async () => {
    const slots = [slot("a", 0.1), slot("b", 0.5), slot("gone", 0.1, "ineligible"), slot("never", 0.1, "ineligible")];
    const { written, rank } = rig(slots, {
      a: has({ [rankLabel]: "1", [slotLabel]: "slot-1" }),
      b: has({ [rankLabel]: "1", [slotLabel]: "slot-1" }),
      gone: has({ [rankLabel]: "7" }),
      never: has({}),
    });
    await rank();
    expect(Object.fromEntries(written)).toEqual({
      b: { labels: { [slotLabel]: "slot-2", [rankLabel]: "2" }, without: [] },
      gone: { labels: {}, without: [] },
    });
  });
});

describe("B4: labels that users set themselves", () => {
  const byHand = { [slotLabel]: ["kubectl-label"] };

  it("are left alone, said once, and the other label is still ours", async () => {
    const { written, told, rank } = rig([slot("a", 0.1)], { a: has({ [slotLabel]: "slot-7" }, byHand) });
    await rank();
    await rank();
    expect(Object.fromEntries(written)).toEqual({ a: { labels: { [rankLabel]: "1" }, without: [] } });
    expect(told).toEqual([`left alone: ${slotLabel}, which kubectl-label has set`]);
  });

  it("are left alone on a busy node, and on one that takes no jobs", async () => {
    const both = { [slotLabel]: ["kubectl-label"], [rankLabel]: ["controller.py"] };
    const labels = { [slotLabel]: "slot-7", [rankLabel]: "3" };
    const slots = [slot("hot", 0.9, "busy"), slot("out", 0.1, "ineligible")];
    const { written, rank } = rig(slots, { hot: has(labels, both), out: has(labels, both) });
    await rank();
    expect([...written]).toEqual([]);
  });

  it("are given up by us where somebody set the same", async () => {
    const shared = { [slotLabel]: ["argocd", rankManager] };
    const { written, rank } = rig([slot("a", 0.1)], {
      a: has({ [slotLabel]: "slot-1", [rankLabel]: "1" }, shared),
    });
    await rank();
    expect(Object.fromEntries(written)).toEqual({ a: { labels: { [rankLabel]: "1" }, without: [] } });
  });

  it("are somebody's where nobody knows whose", async () => {
    const { written, told, rank } = rig([slot("a", 0.1)], { a: has({ [slotLabel]: "slot-7" }, { [slotLabel]: [] }) });
    await rank();
    expect([written.get("a")?.labels, told]).toEqual([
      { [rankLabel]: "1" },
      [`left alone: ${slotLabel}, which somebody has set`],
    ]);
  });

  it("are ours where that is asked for, on busy nodes as well", async () => {
    const slots = [slot("a", 0.1), slot("hot", 0.9, "busy"), slot("out", 0.1, "ineligible")];
    const node = has({ [slotLabel]: "slot-7" }, byHand);
    const { written, told, rank } = rig(slots, { a: node, hot: node, out: node }, true);
    await rank();
    expect(Object.fromEntries(written)).toEqual({
      a: { labels: { [slotLabel]: "slot-1", [rankLabel]: "1" }, without: [] },
      hot: { labels: { [rankLabel]: "9999" }, without: [slotLabel] },
    });
    expect(told).toEqual([]);
  });

  it("are told from ours on a real object, by who wrote which field", async () => {
    const transport = inProcessTransport(new ApiServer({ clock: systemClock }), "kubectl-label");
    const send = (method: "POST" | "PATCH", path: string, body: object): Promise<unknown> =>
      transport.send({
        method,
        path,
        body,
        ...(method === "PATCH" && { contentType: "application/merge-patch+json" }),
      });
    await send("POST", "/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata: { name: "a" } });
    const port = rankPort(transport, false);
    await port.write("a", { labels: { [slotLabel]: "slot-1", [rankLabel]: "1" }, without: [] });
    const set = { metadata: { labels: { [slotLabel]: "slot-7" } } };
    const { labelOwners } = toBatchNode(await send("PATCH", "/api/v1/nodes/a", set));
    expect([...othersLabels(labelOwners).keys()]).toEqual([slotLabel]);
    expect(labelOwners.get(rankLabel)).toEqual([rankManager]);
    await expect(port.write("a", { labels: { [slotLabel]: "slot-1" }, without: [] })).rejects.toThrow(/conflict/i);
    await port.write("a", { labels: { [rankLabel]: "2" }, without: [] });
    const { labels } = toBatchNode(await send("PATCH", "/api/v1/nodes/a", {}));
    expect(labels).toEqual({ [slotLabel]: "slot-7", [rankLabel]: "2" });
  });
});
