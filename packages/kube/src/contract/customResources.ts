import { beforeAll, describe, expect, test } from "vitest";

import { applyObject } from "../patch.ts";
import type { Resource } from "../port.ts";
import { declareKind, gadgetSchema } from "./kinds.ts";
import { failureOf, type Scratch, type Thing } from "./scratch.ts";

/** Kinds that are declared: their schema, their rules and their status. */
export function customResourceContract(use: () => Scratch): void {
  describe("custom resources", () => {
    let gadgets: Resource;
    beforeAll(async () => {
      gadgets = await declareKind(use(), "Gadget", gadgetSchema);
    });
    const context = { use, kind: (): Resource => gadgets };
    schema(context);
    rules(context);
    status(context);
  });
}

interface Context {
  readonly use: () => Scratch;
  readonly kind: () => Resource;
}

function gadget({ kind }: Context, name: string, spec: object): object {
  return { apiVersion: kind().apiVersion, kind: "Gadget", metadata: { name }, spec };
}

function schema(context: Context): void {
  const { use, kind } = context;
  test("fills in defaults and drops what the schema does not know", async () => {
    const made = await use().create(kind(), gadget(context, "filled", { size: 3, unknown: true }));
    expect([made.spec, made.metadata.generation]).toEqual([{ size: 3, mode: "off" }, 1]);
  });

  test.each<[what: string, spec: object, field: string, message: string]>([
    ["what is missing", {}, "spec.size", "Required value"],
    [
      "too much",
      { size: 101 },
      "spec.size",
      "Invalid value: 101: spec.size in body should be less than or equal to 100",
    ],
    [
      "another type",
      { size: "big" },
      "spec.size",
      'Invalid value: "string": spec.size in body must be of type integer: "string"',
    ],
    [
      "no such choice",
      { size: 1, mode: "maybe" },
      "spec.mode",
      'Unsupported value: "maybe": supported values: "off", "on"',
    ],
    [
      "what matches no pattern",
      { size: 1, label: "A1" },
      "spec.label",
      `Invalid value: "A1": spec.label in body should match '^[a-z]+$'`,
    ],
  ])("refuses %s", async (what, spec, field, message) => {
    const name = what.replaceAll(" ", "-");
    const failure = await failureOf(use().create(kind(), gadget(context, name, spec)));
    expect([failure.status, failure.reason]).toEqual([422, "Invalid"]);
    expect(failure.causes).toContainEqual(expect.objectContaining({ field, message }));
    expect((await failureOf(use().get(kind(), name))).status).toBe(404);
  });
}

function rules(context: Context): void {
  const { use, kind } = context;
  test("refuses what a rule refuses, with the rule's message", async () => {
    const failure = await failureOf(use().create(kind(), gadget(context, "small", { size: 3, mode: "on" })));
    expect([failure.status, failure.causes[0]?.field]).toEqual([422, "spec"]);
    expect(failure.causes[0]?.message).toContain("a gadget that is on has size 10 or more");
  });

  test("compares with what was before", async () => {
    await use().create(kind(), gadget(context, "settled", { size: 1, fixed: "a" }));
    const change = (spec: object): Promise<Thing> =>
      use().patch([kind(), "settled"], { kind: "merge", body: { spec } });
    const failure = await failureOf(change({ fixed: "b" }));
    expect([failure.status, failure.causes[0]?.field]).toEqual([422, "spec.fixed"]);
    expect(failure.causes[0]?.message).toContain("fixed is immutable");
    expect((await change({ size: 2 })).spec).toEqual({ size: 2, mode: "off", fixed: "a" });
  });

  test("has no strategic patch", async () => {
    await use().create(kind(), gadget(context, "plain", { size: 1 }));
    const failure = await failureOf(use().patch([kind(), "plain"], { kind: "strategic", body: { spec: { size: 2 } } }));
    expect([failure.status, failure.reason]).toEqual([415, "UnsupportedMediaType"]);
  });
}

function status(context: Context): void {
  const { use, kind } = context;
  test("status is applied apart, and its conditions are merged by type", async () => {
    const name = { namespace: use().namespace, name: "applied" };
    const apply = async (
      fields: Readonly<Record<string, unknown>>,
      by: string,
      subresource?: string,
    ): Promise<Thing> => {
      const target = { resource: kind(), name, ...(subresource === undefined ? {} : { subresource }) };
      return (await applyObject(use().transport, target, fields, { fieldManager: by, force: true })) as Thing;
    };
    const made = await apply({ spec: { size: 5 }, status: { seen: 9 } }, "one");
    expect([made.status, made.metadata.generation]).toEqual([undefined, 1]);
    await apply({ status: { seen: 1, conditions: [{ type: "One", status: "True" }] } }, "one", "status");
    const both = await apply({ status: { conditions: [{ type: "Two", status: "False" }] } }, "two", "status");
    expect(both.status).toEqual({
      seen: 1,
      conditions: [
        { type: "One", status: "True" },
        { type: "Two", status: "False" },
      ],
    });
    expect([both.spec, both.metadata.generation]).toEqual([{ size: 5, mode: "off" }, 1]);
    const less = await apply({ status: { conditions: [] } }, "one", "status");
    expect(less.status).toEqual({ conditions: [{ type: "Two", status: "False" }] });
  });
}
