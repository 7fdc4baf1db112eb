import { describe, expect, it } from "vitest";

import { type Bound, mostOnOneNode, rowOf } from "./rounds.ts";

const bound = (scheduler: string, boundMs: number): Bound => ({
  scheduler,
  pods: 1_000,
  createdMs: 2_000,
  boundMs,
  overbooked: 0,
});

describe("rounds of binding", () => {
  it("count for their scheduler alone, all pods in all time", () => {
    const row = rowOf("a", [bound("a", 4_000), bound("b", 1_000), bound("a", 6_000)]);
    expect(row).toMatchObject({ rounds: 2, "bound in, s": "5.0", "pods/s": "200", "least pods/s": "167" });
    expect(row["after the last creation, s"]).toBe("3.0");
  });

  it("tell the node with most pods", () => {
    expect([mostOnOneNode(["n1", "n2", "n1"]), mostOnOneNode([])]).toEqual([2, 0]);
  });
});
