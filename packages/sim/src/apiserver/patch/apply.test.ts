import { describe, expect, test } from "vitest";

import { failureOf, podsPath, testServer, type TestServer } from "../testing.ts";

const path = "/api/v1/namespaces/default/configmaps/cm";

function apply(api: TestServer, manager: string, data: object, force = false): ReturnType<TestServer["patch"]> {
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "cm" }, data };
  return api.patch(path, body, "apply", { fieldManager: manager, ...(force ? { force: "true" } : {}) });
}

describe("server-side apply", () => {
  test("creates, and then changes only what it names", async () => {
    const api = testServer();
    const made = await apply(api, "one", { a: "1" });
    expect(made.metadata.managedFields).toMatchObject([
      { manager: "one", operation: "Apply", fieldsV1: { "f:data": { "f:a": {} } } },
    ]);
    await api.patch(path, { data: { b: "2" } });
    expect((await apply(api, "one", { a: "3" }))["data"]).toEqual({ a: "3", b: "2" });
  });

  test("drops what the manager no longer applies, unless another owns it", async () => {
    const api = testServer();
    await apply(api, "one", { a: "1", b: "2", c: "3" });
    await apply(api, "two", { b: "2" });
    expect((await apply(api, "one", { a: "1" }))["data"]).toEqual({ a: "1", b: "2" });
  });

  test("conflicts name the field and its owner, and force takes it", async () => {
    const api = testServer();
    await apply(api, "one", { a: "1", b: "2" });
    const failure = await failureOf(apply(api, "two", { a: "2", b: "3" }));
    expect([failure.status, failure.message]).toEqual([
      409,
      'Apply failed with 2 conflicts: conflicts with "one":\n- .data.a\n- .data.b',
    ]);
    expect(failure.causes[0]).toEqual({
      reason: "FieldManagerConflict",
      message: 'conflict with "one"',
      field: ".data.a",
    });
    const forced = await apply(api, "two", { a: "2" }, true);
    expect(forced.metadata.managedFields).toMatchObject([
      { manager: "one", fieldsV1: { "f:data": { "f:b": {} } } },
      { manager: "two", fieldsV1: { "f:data": { "f:a": {} } } },
    ]);
  });

  test("force takes only what differs; equal values are shared", async () => {
    const api = testServer();
    await apply(api, "one", { a: "1", b: "2" });
    const forced = await apply(api, "two", { a: "9", b: "2" }, true);
    expect(forced.metadata.managedFields).toMatchObject([
      { manager: "one", fieldsV1: { "f:data": { "f:b": {} } } },
      { manager: "two", fieldsV1: { "f:data": { "f:a": {}, "f:b": {} } } },
    ]);
  });

  test("an update by another takes the field, so that the next apply conflicts", async () => {
    const api = testServer();
    await apply(api, "one", { a: "1" });
    await api.patch(path, { data: { a: "9" } });
    const failure = await failureOf(apply(api, "one", { a: "1" }));
    expect(failure.message).toBe('Apply failed with 1 conflict: conflict with "tester" using v1: .data.a');
  });

  test("the same apply again changes nothing", async () => {
    const api = testServer();
    const first = await apply(api, "one", { a: "1" });
    await api.clock.advance(5000);
    expect((await apply(api, "one", { a: "1" })).metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  test("an empty object asks for nothing, and a manager that applies nothing is forgotten", async () => {
    const api = testServer();
    await apply(api, "one", { a: "1" });
    await api.patch(path, { data: { b: "2" } });
    expect((await apply(api, "two", {}))["data"]).toEqual({ a: "1", b: "2" });
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "cm" } };
    const left = await api.patch(path, body, "apply", { fieldManager: "one" });
    expect(left["data"]).toEqual({ b: "2" });
    expect(left.metadata.managedFields?.map(({ manager }) => manager)).toEqual(["tester", "two"]);
  });

  test("conditions merge by type", async () => {
    const api = testServer();
    await api.create(podsPath, { metadata: { name: "a" }, spec: { containers: [{ name: "c", image: "x" }] } });
    const condition = (type: string, status: string): object => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "a" },
      status: { conditions: [{ type, status }] },
    });
    await api.patch(`${podsPath}/a/status`, condition("Ready", "True"), "apply", { fieldManager: "kubelet" });
    const both = await api.patch(`${podsPath}/a/status`, condition("Priced", "True"), "apply", {
      fieldManager: "walras",
    });
    expect(both.status).toMatchObject({
      phase: "Pending",
      conditions: [
        { type: "Ready", status: "True" },
        { type: "Priced", status: "True" },
      ],
    });
  });

  test("refuses a missing manager, foreign names and given managedFields", async () => {
    const api = testServer();
    const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "other" } };
    expect((await failureOf(api.patch(path, body, "apply"))).message).toContain(
      "fieldManager: Required value: is required for apply patch",
    );
    expect((await failureOf(api.patch(path, body, "apply", { fieldManager: "x" }))).message).toBe(
      "the name of the object (other) does not match the name on the URL (cm)",
    );
    const owned = { ...body, metadata: { name: "cm", managedFields: [{ manager: "x" }] } };
    expect((await failureOf(api.patch(path, owned, "apply", { fieldManager: "x" }))).message).toBe(
      "metadata.managedFields must be nil",
    );
  });
});
