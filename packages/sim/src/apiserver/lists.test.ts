import fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { KubeObject } from "./objects/model.ts";
import { parseLabelSelector } from "./selectors.ts";
import { failureOf, podNamed, podsPath, settled, testServer, type TestServer } from "./testing.ts";

async function withPods(count: number): Promise<TestServer> {
  const api = testServer();
  for (let index = 0; index < count; index++) {
    const body = podNamed(`p${index}`, {}, { nodeName: `n${index % 2}` });
    await api.create(podsPath, { ...body, metadata: { name: `p${index}`, labels: { half: String(index % 2) } } });
  }
  return api;
}

function namesOf(list: KubeObject): readonly string[] {
  return (list["items"] as readonly KubeObject[]).map(({ metadata }) => metadata.name);
}

describe("lists", () => {
  test("pages show one moment, whatever happens between them", async () => {
    const api = await withPods(5);
    const first = await api.get(podsPath, { limit: "2" });
    const { continue: token = "", resourceVersion } = first.metadata as unknown as {
      continue?: string;
      resourceVersion: string;
    };
    await api.remove(`${podsPath}/p4`, { gracePeriodSeconds: 0 });
    const second = await api.get(podsPath, { limit: "2", continue: token });
    const third = await api.get(podsPath, {
      limit: "2",
      continue: (second.metadata as unknown as { continue: string }).continue,
    });
    expect([first, second, third].flatMap(namesOf)).toEqual(["p0", "p1", "p2", "p3", "p4"]);
    expect(third.metadata).toEqual({ resourceVersion });
  });

  test("a forgotten page is 410 Expired", async () => {
    const api = await withPods(3);
    const first = await api.get(podsPath, { limit: "1" });
    api.server.faults.compactHistory();
    const token = (first.metadata as unknown as { continue: string }).continue;
    const failure = await failureOf(api.get(podsPath, { limit: "1", continue: token }));
    expect([failure.status, failure.reason]).toEqual([410, "Expired"]);
  });

  test("selectors by label and field", async () => {
    const api = await withPods(4);
    expect(namesOf(await api.get("/api/v1/pods", { labelSelector: "half in (1),half!=0" }))).toEqual(["p1", "p3"]);
    expect(namesOf(await api.get(podsPath, { fieldSelector: "spec.nodeName=n0,metadata.name!=p0" }))).toEqual(["p2"]);
    const failure = await failureOf(api.get(podsPath, { fieldSelector: "spec.foo=1" }));
    expect([failure.status, failure.message]).toEqual([400, "field label not supported: spec.foo"]);
  });

  test("a version of the future is 504", async () => {
    const failure = await failureOf(testServer().get(podsPath, { resourceVersion: "99999" }));
    expect([failure.status, failure.causes[0]?.reason]).toEqual([504, "ResourceVersionTooLarge"]);
  });

  test("any set of labels is selected by its own equality selector, and not by its negation", () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
    fc.assert(
      fc.property(fc.dictionary(word, word, { minKeys: 1 }), (labels) => {
        const object: KubeObject = { apiVersion: "v1", kind: "Pod", metadata: { name: "x", labels } };
        const text = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
        expect(parseLabelSelector(text.join(","))(object)).toBe(true);
        expect(parseLabelSelector(text.join(",").replace("=", "!="))(object)).toBe(false);
      }),
    );
  });
});

describe("watches", () => {
  test("tell every change since their version, in order", async () => {
    const api = testServer();
    const made = await api.create(podsPath, podNamed("a"));
    await api.patch(`${podsPath}/a`, { metadata: { labels: { x: "1" } } });
    const lines = await api.watch(podsPath, { resourceVersion: made.metadata.resourceVersion ?? "" });
    await api.create(podsPath, podNamed("b"));
    await api.remove(`${podsPath}/a`);
    await settled();
    expect(lines.map(({ type, object }) => `${type} ${object.metadata.name}`)).toEqual([
      "MODIFIED a",
      "ADDED b",
      "DELETED a",
    ]);
    const versions = lines.map(({ object }) => Number(object.metadata.resourceVersion));
    expect(versions).toEqual(versions.toSorted((left, right) => left - right));
  });

  test("a selector sees objects come and go", async () => {
    const api = testServer();
    await api.create(podsPath, podNamed("a"));
    const lines = await api.watch(podsPath, { labelSelector: "x=1" });
    await api.patch(`${podsPath}/a`, { metadata: { labels: { x: "1" } } });
    await api.patch(`${podsPath}/a`, { metadata: { labels: { x: "2" } } });
    await settled();
    expect(lines.map(({ type }) => type)).toEqual(["ADDED", "DELETED"]);
  });

  test("sendInitialEvents ends with a marked bookmark; bookmarks come each minute and before the timeout, which ends all", async () => {
    const api = testServer();
    await api.create(podsPath, podNamed("a"));
    const query = { sendInitialEvents: "true", allowWatchBookmarks: "true", timeoutSeconds: "90" };
    const lines = await api.watch(podsPath, query);
    expect(lines.map(({ type }) => type)).toEqual(["ADDED", "BOOKMARK"]);
    expect(lines[1]?.object.metadata.annotations).toEqual({ "k8s.io/initial-events-end": "true" });
    const other = await api.create("/api/v1/namespaces/default/configmaps", { metadata: { name: "cm" } });
    await api.clock.advance(60_000);
    expect(lines[2]).toMatchObject({
      type: "BOOKMARK",
      object: { metadata: { resourceVersion: other.metadata.resourceVersion } },
    });
    expect(api.server.openWatches).toBe(1);
    await api.clock.advance(30_000);
    await api.create(podsPath, podNamed("b"));
    await settled();
    expect([lines.length, api.server.openWatches]).toEqual([4, 0]);
  });

  test("a version before the window gets an ERROR event of 410", async () => {
    const api = testServer({ historyWindow: 4 });
    const made = await api.create(podsPath, podNamed("a"));
    for (let index = 0; index < 10; index++) await api.create(podsPath, podNamed(`b${index}`));
    const lines = await api.watch(podsPath, { resourceVersion: made.metadata.resourceVersion ?? "" });
    expect(lines).toMatchObject([{ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } }]);
  });

  test("one watcher's end leaves the others", async () => {
    const api = testServer();
    const short = await api.watch(podsPath, { timeoutSeconds: "1" });
    const long = await api.watch(podsPath);
    await api.clock.advance(2000);
    await api.create(podsPath, podNamed("a"));
    await settled();
    expect([short.length, long.length]).toEqual([0, 1]);
  });
});
