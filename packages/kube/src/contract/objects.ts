import { describe, expect, test } from "vitest";

import { deleteObject, getObject, replaceObject } from "../objects.ts";
import { configMap, deployment } from "./bodies.ts";
import { configMaps, deployments, failureOf, type Scratch } from "./scratch.ts";

/** Create, read, replace, delete; and what must not be. */
export function objectContract(use: () => Scratch): void {
  describe("objects", () => {
    creation(use);
    replacement(use);
    deletion(use);
  });
}

function creation(use: () => Scratch): void {
  test("a created object has its identity from the server", async () => {
    const made = await use().create(configMaps, configMap("made", { a: "1" }));
    expect(made.metadata).toMatchObject({ name: "made", namespace: use().namespace });
    expect(made.metadata.uid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(made.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(made.metadata.resourceVersion).toMatch(/^[1-9]\d*$/);
    expect(await use().get(configMaps, "made")).toEqual(made);
  });

  test("generateName makes names that differ", async () => {
    const body = { metadata: { generateName: "some-" } };
    const names = [await use().create(configMaps, body), await use().create(configMaps, body)].map(
      ({ metadata }) => metadata.name,
    );
    expect(names[0]).toMatch(/^some-[a-z0-9]{5}$/);
    expect(names[1]).not.toBe(names[0]);
  });

  test("a second of the same name is 409 AlreadyExists", async () => {
    await use().create(configMaps, configMap("twice"));
    const failure = await failureOf(use().create(configMaps, configMap("twice")));
    expect([failure.status, failure.reason]).toEqual([409, "AlreadyExists"]);
    expect(failure.message).toContain('configmaps "twice" already exists');
  });

  test("what is not there is 404 NotFound", async () => {
    const failure = await failureOf(use().get(configMaps, "nothing"));
    expect([failure.status, failure.reason]).toEqual([404, "NotFound"]);
    expect(failure.message).toContain('configmaps "nothing" not found');
  });

  test("a name that is none is 422 Invalid, naming the field", async () => {
    const failure = await failureOf(use().create(configMaps, configMap("Not_a_name")));
    expect([failure.status, failure.reason]).toEqual([422, "Invalid"]);
    expect(failure.causes.map(({ field }) => field)).toEqual(["metadata.name"]);
  });
}

function replacement(use: () => Scratch): void {
  test("a replacement at an old version is 409 Conflict and changes nothing", async () => {
    const { transport, namespace } = use();
    const name = { namespace, name: "replaced" };
    const old = await use().create(configMaps, configMap("replaced", { a: "1" }));
    const next = (await replaceObject(transport, configMaps, name, { ...old, data: { a: "2" } })) as typeof old;
    const failure = await failureOf(replaceObject(transport, configMaps, name, { ...old, data: { a: "3" } }));
    expect([failure.status, failure.reason]).toEqual([409, "Conflict"]);
    expect(failure.message).toContain("the object has been modified");
    expect(await getObject(transport, configMaps, name)).toEqual(next);
  });

  test("a replacement that changes nothing leaves the version", async () => {
    const made = await use().create(configMaps, configMap("same", { a: "1" }));
    const again = await use().put([configMaps, "same"], made);
    expect(again.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
  });

  test("the generation follows the spec only", async () => {
    await use().create(deployments, deployment("generation"));
    const labelled = await use().patch([deployments, "generation"], {
      kind: "merge",
      body: { metadata: { labels: { x: "y" } } },
    });
    const scaled = await use().patch([deployments, "generation"], { kind: "merge", body: { spec: { paused: true } } });
    expect([labelled.metadata.generation, scaled.metadata.generation]).toEqual([1, 2]);
  });
}

function deletion(use: () => Scratch): void {
  test("a deleted object is gone, and deleting it again is no error of ours", async () => {
    await use().create(configMaps, configMap("gone"));
    const name = { namespace: use().namespace, name: "gone" };
    await deleteObject(use().transport, configMaps, name);
    expect((await failureOf(use().get(configMaps, "gone"))).status).toBe(404);
    await deleteObject(use().transport, configMaps, name);
  });

  test("a deletion is for one UID where it says so", async () => {
    const { metadata } = await use().create(configMaps, configMap("precious"));
    const other = { preconditions: { uid: "11111111-2222-3333-4444-555555555555" } };
    const failure = await failureOf(use().remove([configMaps, "precious"], other));
    expect([failure.status, failure.reason]).toEqual([409, "Conflict"]);
    expect((await use().get(configMaps, "precious")).metadata.uid).toBe(metadata.uid);
    await use().remove([configMaps, "precious"], { preconditions: { uid: metadata.uid } });
    expect((await failureOf(use().get(configMaps, "precious"))).status).toBe(404);
  });

  test("an object with a finalizer waits for it", async () => {
    await use().create(configMaps, { metadata: { name: "held", finalizers: ["example.com/hold"] } });
    await use().remove([configMaps, "held"]);
    expect((await use().get(configMaps, "held")).metadata.deletionTimestamp).toBeDefined();
    await use().patch([configMaps, "held"], { kind: "merge", body: { metadata: { finalizers: null } } });
    expect((await failureOf(use().get(configMaps, "held"))).status).toBe(404);
  });
}
