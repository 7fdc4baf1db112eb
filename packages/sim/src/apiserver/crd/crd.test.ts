import { describe, expect, test } from "vitest";

import { failureOf, settled, testServer, type TestServer } from "../testing.ts";

const things = "/apis/dev.test/v1/namespaces/default/things";

const specSchema = {
  type: "object",
  required: ["a"],
  "x-kubernetes-validations": [
    { rule: "self.a == oldSelf.a", message: "a is immutable" },
    { rule: '!has(self.mode) || self.mode != "on" || self.a > 2' },
    {
      rule: "!has(self.cpu) || quantity(self.cpu).isGreaterThan(quantity('5m'))",
      messageExpression: "'too little: ' + self.cpu",
    },
  ],
  properties: {
    a: { type: "integer", minimum: 1, maximum: 20 },
    mode: { type: "string", enum: ["on", "off"], default: "off" },
    p: { type: "string", pattern: "^a+$", maxLength: 3 },
    q: { anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true },
    cpu: { type: "string" },
    free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
    replicas: { type: "integer" },
    l: {
      type: "array",
      maxItems: 2,
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      items: {
        type: "object",
        required: ["name"],
        "x-kubernetes-validations": [
          {
            rule: "!has(oldSelf.v) || self.v >= oldSelf.v",
            message: "v may not shrink",
            reason: "FieldValueForbidden",
          },
        ],
        properties: { name: { type: "string" }, v: { type: "number" } },
      },
    },
  },
};

const definition = {
  metadata: { name: "things.dev.test" },
  spec: {
    group: "dev.test",
    scope: "Namespaced",
    names: { plural: "things", kind: "Thing", shortNames: ["th"] },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {}, scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.n" } },
        schema: {
          openAPIV3Schema: {
            type: "object",
            required: ["spec"],
            properties: { spec: specSchema, status: { type: "object", properties: { n: { type: "integer" } } } },
          },
        },
      },
    ],
  },
};

async function withThings(): Promise<TestServer> {
  const api = testServer();
  await api.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition);
  return api;
}

function thing(spec: object): object {
  return { apiVersion: "dev.test/v1", kind: "Thing", metadata: { name: "t" }, spec };
}

describe("custom resources", () => {
  test("are served once defined, and go with their definition", async () => {
    const api = await withThings();
    const crd = await api.get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.dev.test");
    expect(crd.status).toMatchObject({
      conditions: [{ type: "NamesAccepted" }, { type: "Established", status: "True" }],
    });
    const discovered = await api.get("/apis/dev.test/v1");
    expect(discovered["resources"]).toMatchObject([
      { name: "things", shortNames: ["th"] },
      { name: "things/status" },
      { name: "things/scale" },
    ]);
    const lines = await (await api.create(things, thing({ a: 5 })), api.watch(things));
    await api.remove("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.dev.test");
    await settled();
    expect(lines.map(({ type }) => type)).toEqual(["ADDED", "DELETED"]);
    expect((await failureOf(api.get(things))).status).toBe(404);
  });

  test("are defaulted and pruned", async () => {
    const api = await withThings();
    const made = await api.create(things, { ...thing({ a: 5, unknown: 1, free: { any: 1 } }), status: { n: 3 } });
    expect([made.spec, made.status]).toEqual([{ a: 5, free: { any: 1 }, mode: "off" }, undefined]);
  });

  test("every structural fault is a cause", async () => {
    const api = await withThings();
    const wrong = thing({ mode: "x", p: "bbb", q: 1.5, l: [{ name: "a" }, { name: "a" }, { v: "s" }] });
    const failure = await failureOf(api.create(things, wrong));
    expect(failure.status).toBe(422);
    expect(failure.causes.map(({ field, message }) => `${field}: ${message}`)).toEqual([
      'spec.mode: Unsupported value: "x": supported values: "on", "off"',
      "spec.p: Invalid value: \"bbb\": spec.p in body should match '^a+$'",
      'spec.q: Invalid value: "number": spec.q in body must be of type integer,string: "number"',
      'spec.l[2].v: Invalid value: "string": spec.l[2].v in body must be of type number: "string"',
      "spec.l[2].name: Required value",
      "spec.l: Too many: 3: must have at most 2 items",
      'spec.l[1]: Duplicate value: {"name":"a"}',
      "spec.a: Required value",
      "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation",
    ]);
  });

  test.each([
    [{ a: 50 }, "spec.a: Invalid value: 50: spec.a in body should be less than or equal to 20"],
    [{ a: 2, mode: "on" }, 'spec: Invalid value: failed rule: !has(self.mode) || self.mode != "on" || self.a > 2'],
    [{ a: 2, cpu: "1m" }, "spec: Invalid value: too little: 1m"],
  ])("%j is refused by its rule", async (spec, complaint) => {
    const failure = await failureOf((await withThings()).create(things, thing(spec)));
    expect(failure.message).toBe(`Thing.dev.test "t" is invalid: ${complaint}`);
  });

  test("transition rules compare with what was stored, list elements by their key", async () => {
    const api = await withThings();
    await api.create(
      things,
      thing({
        a: 5,
        l: [
          { name: "x", v: 2 },
          { name: "y", v: 9 },
        ],
      }),
    );
    const changed = await failureOf(api.patch(`${things}/t`, { spec: { a: 6 } }));
    expect(changed.message).toBe('Thing.dev.test "t" is invalid: spec: Invalid value: a is immutable');
    const shrunk = await failureOf(
      api.patch(`${things}/t`, {
        spec: {
          l: [
            { name: "y", v: 9 },
            { name: "x", v: 1 },
          ],
        },
      }),
    );
    expect(shrunk.causes).toEqual([
      { reason: "FieldValueForbidden", message: "Forbidden: v may not shrink", field: "spec.l[1]" },
    ]);
    expect((await api.patch(`${things}/t`, { spec: { l: [{ name: "y", v: 9.5 }] } })).metadata.generation).toBe(2);
  });

  test("status and scale have their own endpoints", async () => {
    const api = await withThings();
    await api.create(things, thing({ a: 5, replicas: 2 }));
    const reported = await api.patch(`${things}/t/status`, {
      metadata: { labels: { x: "y" } },
      spec: { a: 9 },
      status: { n: 4 },
    });
    expect([reported.spec?.["a"], reported.status, reported.metadata.labels, reported.metadata.generation]).toEqual([
      5,
      { n: 4 },
      undefined,
      1,
    ]);
    expect(await api.patch(`${things}/t/scale`, { spec: { replicas: 7 } })).toMatchObject({
      kind: "Scale",
      spec: { replicas: 7 },
      status: { replicas: 4 },
    });
    expect((await failureOf(api.patch(`${things}/t/status`, { status: { n: "x" } }))).status).toBe(422);
  });

  test("a rule that is no CEL is refused with its definition, and optionalOldSelf rules see creation", async () => {
    const api = testServer();
    const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    const withRule = (rule: object): object => {
      const changed = structuredClone(definition);
      const schema = changed.spec.versions[0]!.schema.openAPIV3Schema as Record<string, unknown>;
      schema["x-kubernetes-validations"] = [rule];
      return changed;
    };
    const failure = await failureOf(api.create(path, withRule({ rule: "self.spec.a <" })));
    expect(failure.causes[0]).toMatchObject({
      field: "spec.versions[0].schema.openAPIV3Schema.x-kubernetes-validations[0].rule",
      message: expect.stringContaining("compilation failed"),
    });
    const rule = { rule: "oldSelf.hasValue() || self.spec.a == 1", message: "begins at 1", optionalOldSelf: true };
    await api.create(path, withRule(rule));
    expect((await failureOf(api.create(things, thing({ a: 5 })))).message).toContain("begins at 1");
    expect((await api.create(things, thing({ a: 1 }))).spec?.["a"]).toBe(1);
  });

  test("strategic merge is not for them; wrong versions and missing kinds are told", async () => {
    const api = await withThings();
    await api.create(things, thing({ a: 5 }));
    expect((await failureOf(api.patch(`${things}/t`, { spec: {} }, "strategic"))).status).toBe(415);
    expect((await failureOf(api.create(things, { ...thing({ a: 1 }), apiVersion: "dev.test/v2" }))).message).toContain(
      "the API version in the data (dev.test/v2) does not match the expected API version (dev.test/v1)",
    );
    expect((await failureOf(api.create(things, { metadata: { name: "u" }, spec: { a: 1 } }))).message).toContain(
      "Object 'Kind' is missing",
    );
  });

  test("apply merges keyed lists by key", async () => {
    const api = await withThings();
    const applied = (manager: string, l: object): ReturnType<TestServer["patch"]> =>
      api.patch(`${things}/t`, thing({ a: 5, l }), "apply", { fieldManager: manager });
    await applied("one", [{ name: "x", v: 1 }]);
    await applied("two", [{ name: "y", v: 2 }]);
    expect((await applied("one", []))?.spec).toMatchObject({ l: [{ name: "y", v: 2 }] });
  });
});
