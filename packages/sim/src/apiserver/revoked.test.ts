import { seededRng, silentLogger } from "@walras/kit";
import { projection, Reflector, resources, Store, type StoreItem } from "@walras/kube";
import { expect, test } from "vitest";

import { podNamed, podsPath, testServer } from "./testing.ts";

function itemOf(raw: unknown): StoreItem {
  return (raw as { readonly metadata: StoreItem }).metadata;
}

test("a reflector whose right to watch is revoked says so, lists again, and recovers with the right", async () => {
  const { server, clock, transport, create } = testServer();
  const store = new Store<StoreItem>();
  const ignore = (): void => undefined;
  const reflector = new Reflector({
    transport,
    resource: resources.pod,
    projections: [projection(store, itemOf)],
    clock,
    rng: seededRng(1),
    logger: silentLogger,
    observer: { restarted: ignore, unreadable: ignore, diverged: ignore },
  });
  reflector.start();
  await clock.advance(5000);
  expect(reflector.trouble()).toBeNull();
  server.faults.rejectNext(4, { status: 403, filter: ({ query }) => query["watch"] === "true" });
  server.faults.dropWatches();
  await clock.advance(2000);
  expect(reflector.trouble()).toBe("pods: the watch is refused (403 Forbidden)");
  await create(podsPath, podNamed("listed"));
  await clock.advance(3000);
  expect([reflector.trouble(), store.size]).toEqual(["pods: the watch is refused (403 Forbidden)", 1]);
  await clock.advance(60_000);
  await create(podsPath, podNamed("watched"));
  await clock.advance(0);
  expect([reflector.trouble(), store.size]).toEqual([null, 2]);
  await reflector.stop();
});
