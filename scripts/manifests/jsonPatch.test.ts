import { describe, expect, it } from "vitest";

import { type Change, change } from "./jsonPatch.ts";

const patched = (one: Change): unknown => {
  const object = { list: [{ name: "a" }], "a/b": 1, map: {} };
  change(object, one);
  return object;
};

describe("a patch", () => {
  it.each([
    [{ op: "add", path: "/list/-", value: 2 }, { list: [{ name: "a" }, 2] }],
    [{ op: "add", path: "/list/0", value: 2 }, { list: [2, { name: "a" }] }],
    [{ op: "add", path: "/map/new", value: [1] }, { map: { new: [1] } }],
    [{ op: "replace", path: "/list/0/name", value: "b" }, { list: [{ name: "b" }] }],
    [{ op: "replace", path: "/a~1b", value: 2 }, { "a/b": 2 }],
  ])("%j changes what it names and nothing else", (one, changed) => {
    expect(patched(one)).toEqual({ list: [{ name: "a" }], "a/b": 1, map: {}, ...changed });
  });

  it.each([
    [{ op: "remove", path: "/list/0", value: null }, /remove \/list\/0: only additions and replacements/],
    [{ op: "replace", path: "/map/none", value: 1 }, /replace \/map\/none: nothing is there/],
    [{ op: "add", path: "/none/deep", value: 1 }, /add \/none\/deep: there is no such place/],
  ])("%j is refused", (one, complaint) => {
    expect(() => patched(one)).toThrow(complaint);
  });
});
