import { describe, expect, test } from "vitest";

import { applyObject, mergePatch } from "../patch.ts";
import { resources } from "../paths.ts";
import { configMap, deployment, pod } from "./bodies.ts";
import { configMaps, deployments, failureOf, type Scratch, type Thing } from "./scratch.ts";

/** The four kinds of patch, and the status subresource. */
export function patchContract(use: () => Scratch): void {
  describe("patches", () => {
    plainPatches(use);
    preconditions(use);
    strategicPatches(use);
  });
  describe("server-side apply", () => ownership(use));
  describe("status", () => statusSubresource(use));
}

function plainPatches(use: () => Scratch): void {
  test("a merge patch sets, and null removes", async () => {
    await use().create(configMaps, configMap("merged", { keep: "1", drop: "2" }));
    const target = { resource: configMaps, name: { namespace: use().namespace, name: "merged" } };
    const patched = (await mergePatch(use().transport, target, { data: { drop: null, add: "3" } })) as Thing;
    expect(patched.data).toEqual({ keep: "1", add: "3" });
  });

  test("a JSON patch is done as a whole or not at all", async () => {
    await use().create(configMaps, configMap("operated", { a: "1" }));
    const set = { op: "replace", path: "/data/a", value: "2" };
    const check = (value: string): object => ({ op: "test", path: "/data/a", value });
    const failure = await failureOf(use().patch([configMaps, "operated"], { kind: "json", body: [set, check("9")] }));
    expect(failure.status).toBe(422);
    expect((await use().get(configMaps, "operated")).data).toEqual({ a: "1" });
    await use().patch([configMaps, "operated"], { kind: "json", body: [check("1"), set] });
    expect((await use().get(configMaps, "operated")).data).toEqual({ a: "2" });
  });

  test("an object is no JSON patch", async () => {
    await use().create(configMaps, configMap("unoperated"));
    const failure = await failureOf(use().patch([configMaps, "unoperated"], { kind: "json", body: { data: {} } }));
    expect(failure.status).toBe(400);
  });
}

function preconditions(use: () => Scratch): void {
  test("an old resourceVersion in a patch is 409 Conflict", async () => {
    const { metadata } = await use().create(configMaps, configMap("versioned", { a: "1" }));
    const change = (a: string): Promise<Thing> => {
      const body = { metadata: { resourceVersion: metadata.resourceVersion }, data: { a } };
      return use().patch([configMaps, "versioned"], { kind: "merge", body });
    };
    await change("2");
    const failure = await failureOf(change("3"));
    expect([failure.status, failure.reason]).toEqual([409, "Conflict"]);
    expect((await use().get(configMaps, "versioned")).data).toEqual({ a: "2" });
  });

  test("another UID in a patch is refused", async () => {
    await use().create(configMaps, configMap("identified", { a: "1" }));
    const body = { metadata: { uid: "11111111-2222-3333-4444-555555555555" }, data: { a: "2" } };
    const failure = await failureOf(use().patch([configMaps, "identified"], { kind: "merge", body }));
    expect([failure.status, failure.causes[0]?.field]).toEqual([422, "metadata.uid"]);
    expect((await use().get(configMaps, "identified")).data).toEqual({ a: "1" });
  });
}

function strategicPatches(use: () => Scratch): void {
  test("a strategic patch finds containers by name", async () => {
    await use().create(resources.pod, pod("strategic"));
    const body = { spec: { containers: [{ name: "c", image: "example.invalid/app:2" }] } };
    const { spec } = await use().patch([resources.pod, "strategic"], { kind: "strategic", body });
    expect(spec?.["containers"]).toMatchObject([{ name: "c", image: "example.invalid/app:2" }]);
  });

  test("a strategic patch finds conditions by type", async () => {
    await use().create(resources.pod, pod("conditions"));
    const condition = (type: string, status: string): Promise<Thing> => {
      const body = { status: { conditions: [{ type, status }] } };
      return use().patch([resources.pod, "conditions"], { kind: "strategic", body, subresource: "status" });
    };
    await condition("One", "True");
    await condition("Two", "True");
    const { status } = await condition("One", "False");
    const conditions = status?.["conditions"] as readonly { type: string; status: string }[];
    const known = conditions.map((one) => `${one.type}=${one.status}`);
    expect(known).toEqual(expect.arrayContaining(["One=False", "Two=True"]));
    expect(known.filter((one) => one.startsWith("One="))).toHaveLength(1);
  });
}

function ownership(use: () => Scratch): void {
  const apply = async (
    name: string,
    data: Readonly<Record<string, string>>,
    by = "one",
    force = false,
  ): Promise<Thing> =>
    (await applyObject(
      use().transport,
      { resource: configMaps, name: { namespace: use().namespace, name } },
      { data },
      { fieldManager: by, force },
    )) as Thing;

  test("what is applied comes to be, and goes when it is applied no more", async () => {
    expect((await apply("applied", { a: "1", b: "2" })).data).toEqual({ a: "1", b: "2" });
    await use().patch([configMaps, "applied"], { kind: "merge", body: { data: { foreign: "3" } } });
    expect((await apply("applied", { b: "4" })).data).toEqual({ b: "4", foreign: "3" });
  });

  test("applying the same again changes nothing", async () => {
    const first = await apply("idempotent", { a: "1" });
    const again = await apply("idempotent", { a: "1" });
    expect(again.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  test("another's field is 409 with the fields as causes, unless by force", async () => {
    await apply("contested", { a: "1", b: "1" });
    const failure = await failureOf(apply("contested", { a: "2" }, "two"));
    expect([failure.status, failure.reason]).toEqual([409, "Conflict"]);
    expect(failure.causes).toMatchObject([{ reason: "FieldManagerConflict", field: ".data.a" }]);
    expect((await apply("contested", { a: "2" }, "two", true)).data).toEqual({ a: "2", b: "1" });
    expect((await apply("contested", { b: "1" })).data).toEqual({ a: "2", b: "1" });
  });
}

function statusSubresource(use: () => Scratch): void {
  test("spec and status are written apart", async () => {
    await use().create(deployments, { ...deployment("apart"), status: { replicas: 7 } });
    const { status } = await use().patch([deployments, "apart"], {
      kind: "merge",
      body: { spec: { paused: true }, status: { observedGeneration: 41 } },
    });
    expect(status?.["observedGeneration"]).not.toBe(41);
    expect(status?.["replicas"]).not.toBe(7);
    const later = await use().patch([deployments, "apart"], {
      kind: "merge",
      subresource: "status",
      body: { spec: { paused: false }, status: { observedGeneration: 42 } },
    });
    expect([later.spec?.["paused"], later.status?.["observedGeneration"]]).toEqual([true, 42]);
  });
}
