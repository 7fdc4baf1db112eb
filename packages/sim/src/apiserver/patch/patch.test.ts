import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { sameJson } from "../objects/equality.ts";
import type { JsonMap } from "../objects/model.ts";
import { builtinSchema } from "../schema/builtinSchema.ts";
import { changedFields, existing, fieldsOf, mergeApplied, removeFields, subtract, union } from "./fieldSet.ts";
import { applyJsonPatch } from "./json.ts";
import { applyMergePatch } from "./merge.ts";
import { applyStrategicPatch } from "./strategic.ts";

const names = fc.constantFrom("a", "b", "c", "containers", "env", "finalizers");
const documents = fc.letrec<{ value: unknown; map: JsonMap }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.integer(),
    fc.string(),
    fc.boolean(),
    tie("map"),
    fc.array(fc.integer(), { maxLength: 3 }),
  ),
  map: fc.dictionary(names, tie("value"), { maxKeys: 4, noNullPrototype: true }),
})).map;

describe("JSON patch", () => {
  test("adds, replaces, removes, moves, copies and tests", () => {
    const target = { a: [1, 2], b: { "x/y": 1 } };
    const patch = [
      { op: "test", path: "/b/x~1y", value: 1 },
      { op: "add", path: "/a/-", value: 3 },
      { op: "add", path: "/a/0", value: 0 },
      { op: "replace", path: "/b/x~1y", value: 2 },
      { op: "copy", from: "/a", path: "/c" },
      { op: "move", from: "/b", path: "/d" },
      { op: "remove", path: "/a/3" },
    ];
    expect(applyJsonPatch(target, patch)).toEqual({ a: [0, 1, 2], c: [0, 1, 2, 3], d: { "x/y": 2 } });
    expect(target).toEqual({ a: [1, 2], b: { "x/y": 1 } });
  });

  test.each([
    [{ op: "test", path: "/a", value: 2 }],
    [{ op: "remove", path: "/none" }],
    [{ op: "replace", path: "/none", value: 1 }],
    [{ op: "add", path: "/a/b/c", value: 1 }],
    [{ op: "jump", path: "/a" }],
  ])("%j does not apply", (step) => {
    expect(() => applyJsonPatch({ a: 1 }, [step])).toThrow(/rejected our request/);
  });
});

describe("merge patch", () => {
  test("the cases of RFC 7396", () => {
    expect(applyMergePatch({ a: "b" }, { a: "c" })).toEqual({ a: "c" });
    expect(applyMergePatch({ a: "b", b: "c" }, { a: null })).toEqual({ b: "c" });
    expect(applyMergePatch({ a: { b: "c" } }, { a: { b: "d", c: null } })).toEqual({ a: { b: "d" } });
    expect(applyMergePatch({ a: [{ b: "c" }] }, { a: [1] })).toEqual({ a: [1] });
    expect(applyMergePatch({}, { a: { bb: { ccc: null } } })).toEqual({ a: { bb: {} } });
  });

  test("a document merged into anything with its keys is idempotent", () => {
    fc.assert(
      fc.property(documents, documents, (target, patch) => {
        const once = applyMergePatch(target, patch);
        expect(sameJson(applyMergePatch(once, patch), once)).toBe(true);
      }),
    );
  });
});

describe("strategic merge", () => {
  const pod = {
    spec: {
      containers: [
        { name: "a", image: "x", env: [{ name: "E", value: "1" }] },
        { name: "b", image: "y" },
      ],
    },
  };

  test("merges containers and env by name", () => {
    const patch = {
      spec: {
        containers: [
          { name: "b", image: "z" },
          { name: "a", env: [{ name: "F", value: "2" }] },
        ],
      },
    };
    expect(applyStrategicPatch(pod, patch)).toEqual({
      spec: {
        containers: [
          {
            name: "a",
            image: "x",
            env: [
              { name: "E", value: "1" },
              { name: "F", value: "2" },
            ],
          },
          { name: "b", image: "z" },
        ],
      },
    });
  });

  test("deletes, replaces and orders elements on demand", () => {
    const removed = applyStrategicPatch(pod, { spec: { containers: [{ name: "a", $patch: "delete" }] } });
    expect(removed).toEqual({ spec: { containers: [{ name: "b", image: "y" }] } });
    const replaced = applyStrategicPatch(pod, { spec: { containers: [{ $patch: "replace" }, { name: "c" }] } });
    expect(replaced).toEqual({ spec: { containers: [{ name: "c" }] } });
    const ordered = applyStrategicPatch(pod, {
      spec: { "$setElementOrder/containers": [{ name: "b" }, { name: "a" }] },
    });
    expect((ordered as typeof pod).spec.containers.map(({ name }) => name)).toEqual(["b", "a"]);
  });

  test("finalizers are a set, null removes, unkeyed lists are replaced", () => {
    const target = { metadata: { finalizers: ["a"], labels: { x: "1" } }, spec: { tolerations: [1] } };
    const patch = {
      metadata: { finalizers: ["b"], "$deleteFromPrimitiveList/finalizers": ["a"], labels: { x: null } },
      spec: { tolerations: [2] },
    };
    expect(applyStrategicPatch(target, patch)).toEqual({
      metadata: { finalizers: ["b"], labels: {} },
      spec: { tolerations: [2] },
    });
  });

  test("an element without its key is refused", () => {
    expect(() => applyStrategicPatch(pod, { spec: { containers: [{ image: "x" }] } })).toThrow(/merge key: name/);
  });
});

describe("field sets", () => {
  test("name keyed elements and set values", () => {
    const fields = fieldsOf({ spec: { containers: [{ name: "a", args: [1] }] }, finalizers: ["f"] }, builtinSchema);
    expect(fields).toEqual({
      "f:spec": { "f:containers": { 'k:{"name":"a"}': { ".": {}, "f:name": {}, "f:args": {} } } },
      "f:finalizers": { 'v:"f"': {} },
    });
  });

  test("what a document gained is what changedFields names, and taking it away leaves the rest", () => {
    fc.assert(
      fc.property(documents, documents, (before, patch) => {
        const after = mergeApplied(before, patch, builtinSchema);
        const changed = changedFields(before, after, builtinSchema);
        expect(changed === undefined).toBe(sameJson(before, after));
        if (changed) expect(existing(changed, after, builtinSchema)).toEqual(changed);
      }),
    );
  });

  test("union holds both, subtraction undoes it", () => {
    fc.assert(
      fc.property(documents, documents, (left, right) => {
        const [one, other] = [fieldsOf(left, builtinSchema), fieldsOf(right, builtinSchema)];
        const both = union(one, other);
        for (const part of [one, other]) {
          if (Object.keys(part).length > 0) expect(subtract(part, both)).toBeUndefined();
        }
        expect(union(both, one)).toEqual(both);
      }),
    );
  });

  test("all fields removed is nothing left", () => {
    fc.assert(
      fc.property(documents, (value) => {
        const fields = fieldsOf(value, builtinSchema);
        if (Object.keys(fields).length > 0) expect(removeFields(value, fields, builtinSchema)).toBeUndefined();
      }),
    );
  });
});
