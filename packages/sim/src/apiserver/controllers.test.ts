import { expect, test } from "vitest";

import { testServer } from "./testing.ts";

test("events are gone an hour after they were made", async () => {
  const api = testServer();
  const path = "/api/v1/namespaces/default/events";
  await api.create(path, { metadata: { name: "old" }, reason: "Resized" });
  await api.clock.advance(3_599_000);
  await api.create(path, { metadata: { name: "middle" }, reason: "Resized" });
  await api.clock.advance(2000);
  await api.create(path, { metadata: { name: "new" }, reason: "Resized" });
  const list = await api.get(path);
  expect(list["items"]).toMatchObject([{ metadata: { name: "middle" } }, { metadata: { name: "new" } }]);
});

test("a new namespace has its default service account", async () => {
  const api = testServer();
  await api.create("/api/v1/namespaces", { metadata: { name: "team" } });
  expect((await api.get("/api/v1/namespaces/team/serviceaccounts/default")).kind).toBe("ServiceAccount");
});
