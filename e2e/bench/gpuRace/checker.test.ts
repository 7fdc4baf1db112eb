import { describe, expect, it } from "vitest";

import { type Change, judge } from "./checker.ts";

let version = 0;
const claim = (name: string, devices: readonly string[], users: readonly string[] = []): Change => ({
  version: (version += 1),
  kind: "claim",
  gone: false,
  name,
  uid: name,
  devices,
  users,
});
const pod = (name: string, node: string): Change => ({
  version: (version += 1),
  kind: "pod",
  gone: false,
  name,
  uid: name,
  node,
  scheduler: "s",
  claims: [`${name}-claim`],
});
const gone = (change: Change): Change => ({ ...change, version: (version += 1), gone: true });

describe("the checker", () => {
  it("finds nothing where each has its own, and counts what is bound", () => {
    const changes = [claim("a-claim", ["n/0"], ["a"]), claim("b-claim", ["n/1"], ["b"]), pod("a", "n"), pod("b", "n")];
    expect(judge(changes)).toEqual({
      inUseTwice: [],
      unserved: [],
      overlaps: 0,
      twiceAtEnd: [],
      bound: { s: 2 },
      allocatedAtEnd: 2,
    });
  });

  it.each(["binding", "allocation"])(
    "sees a device in use twice, by the %s that came last, in the order of the writes",
    (last) => {
      const first = [claim("a-claim", ["n/0"], ["a"]), pod("a", "n")];
      const allocated = claim("b-claim", ["n/0"], ["b"]);
      const bound = pod("b", "n");
      const second = last === "binding" ? [allocated, bound] : [bound, { ...allocated, version: bound.version + 0.5 }];
      const { inUseTwice, overlaps, twiceAtEnd } = judge([...second, ...first]);
      expect(inUseTwice).toHaveLength(1);
      expect(inUseTwice[0]).toContain("n/0 by");
      expect([overlaps, twiceAtEnd]).toEqual([1, ["n/0"]]);
    },
  );

  it("does not mind a claim that waits unused for the device to be free, but one of two that nobody uses", () => {
    const first = claim("a-claim", ["n/0"], ["a"]);
    const both = [first, claim("b-claim", ["n/0"], ["b"])];
    expect(judge([...both, pod("a", "n")])).toMatchObject({ inUseTwice: [], overlaps: 1, twiceAtEnd: [] });
    expect(judge(both).twiceAtEnd).toEqual(["n/0"]);
  });

  it("does not mind what is taken back before its pod is bound, nor what a pod had that has gone", () => {
    const first = pod("a", "n");
    const changes = [
      claim("a-claim", ["n/0"], ["a"]),
      { ...first, version: (version += 1) },
      claim("b-claim", ["n/0"], ["b"]),
      claim("b-claim", []),
      gone(first),
      claim("a-claim", []),
      claim("b-claim", ["n/0"], ["b"]),
      pod("b", "n"),
    ];
    expect(judge(changes)).toMatchObject({
      inUseTwice: [],
      unserved: [],
      overlaps: 1,
      twiceAtEnd: [],
      bound: { s: 1 },
    });
  });

  it("sees a pod that is bound without its claim", () => {
    const { unserved } = judge([claim("a-claim", ["n/0"], ["other"]), pod("a", "n"), pod("b", "n")]);
    expect(unserved).toHaveLength(2);
  });
});
