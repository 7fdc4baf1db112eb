import { describe, expect, test } from "vitest";

import { failureOf, podNamed, podsPath, settled, testServer } from "./testing.ts";

describe("faults", () => {
  test("the next calls that match are refused, with Retry-After", async () => {
    const api = testServer();
    api.server.faults.rejectNext(1, { status: 429, retryAfterSeconds: 3, filter: ({ method }) => method === "POST" });
    await api.get(podsPath);
    const failure = await failureOf(api.create(podsPath, podNamed("a")));
    expect([failure.status, failure.reason, failure.retryAfterMs]).toEqual([429, "TooManyRequests", 3000]);
    expect((await api.create(podsPath, podNamed("a"))).metadata.name).toBe("a");
  });

  test("latency holds every call on the clock", async () => {
    const api = testServer();
    api.server.faults.setLatencyMs(500);
    let done = false;
    const call = api.get(podsPath).then(() => (done = true));
    await api.clock.advance(499);
    expect(done).toBe(false);
    await api.clock.advance(1);
    await call;
    expect(done).toBe(true);
  });

  test("a paused server says nothing until it resumes", async () => {
    const api = testServer();
    const lines = await api.watch(podsPath);
    api.server.faults.pause();
    const call = api.create(podsPath, podNamed("a"));
    await settled();
    expect(api.server.store.get("pods", "default", "a")).toBeUndefined();
    api.server.faults.resume();
    await call;
    await settled();
    expect(lines.map(({ type }) => type)).toEqual(["ADDED"]);
  });

  test("a stale server shows the past while writes go on", async () => {
    const api = testServer();
    await api.create(podsPath, podNamed("a"));
    const lines = await api.watch(podsPath, { resourceVersion: String(api.server.store.version) });
    api.server.faults.serveStale();
    await api.create(podsPath, podNamed("b"));
    expect((await api.get(podsPath))["items"]).toHaveLength(1);
    expect((await failureOf(api.get(`${podsPath}/b`))).status).toBe(404);
    await settled();
    expect(lines).toEqual([]);
    api.server.faults.serveFresh();
    await settled();
    expect(lines.map(({ object }) => object.metadata.name)).toEqual(["b"]);
    expect((await api.get(podsPath))["items"]).toHaveLength(2);
  });

  test("dropped watches end, compacted history is 410", async () => {
    const api = testServer();
    const made = await api.create(podsPath, podNamed("a"));
    await api.watch(podsPath);
    api.server.faults.dropWatches();
    expect(api.server.openWatches).toBe(0);
    await api.create(podsPath, podNamed("b"));
    api.server.faults.compactHistory();
    const lines = await api.watch(podsPath, { resourceVersion: made.metadata.resourceVersion ?? "" });
    expect(lines).toMatchObject([{ type: "ERROR", object: { code: 410, reason: "Expired" } }]);
  });
});
