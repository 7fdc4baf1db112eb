import { seededRng, silentLogger, systemClock } from "@walras/kit";
import { beforeAll, describe, expect, test } from "vitest";

import type { KubeTransport, Resource } from "../port.ts";
import { projection } from "../projection.ts";
import { Reflector } from "../reflector.ts";
import { Store, type StoreItem } from "../store.ts";
import { configMap } from "./bodies.ts";
import { anySchema, declareKind } from "./kinds.ts";
import { configMaps, eventually, type Scratch, type Thing } from "./scratch.ts";

/** How changes are told, and what becomes of who missed them. */
export function watchContract(use: () => Scratch): void {
  describe("watches", () => {
    events(use);
    endings(use);
    recovery(use);
  });
}

function events(use: () => Scratch): void {
  test("a watch tells what happens after its version, in order", async () => {
    await use().create(configMaps, configMap("before", {}, { watched: "order" }));
    const { metadata } = await use().list(configMaps);
    const watch = await use().watch(configMaps, {
      resourceVersion: metadata.resourceVersion,
      labelSelector: "watched=order",
    });
    await use().create(configMaps, configMap("first", {}, { watched: "order" }));
    await use().create(configMaps, configMap("unseen"));
    await use().patch([configMaps, "first"], { kind: "merge", body: { data: { a: "1" } } });
    await use().remove([configMaps, "first"]);
    await eventually(() => expect(watch.summary).toEqual(["ADDED first", "MODIFIED first", "DELETED first"]));
    const versions = watch.events.map(({ object }) => Number(object.metadata.resourceVersion));
    expect(versions).toEqual(versions.toSorted((one, other) => one - other));
    expect(Number(metadata.resourceVersion)).toBeLessThan(versions[0] ?? 0);
  });

  test("what stops to match a selector is told as deleted", async () => {
    const { metadata } = await use().list(configMaps);
    const query = { resourceVersion: metadata.resourceVersion, labelSelector: "watched=leaving" };
    const watch = await use().watch(configMaps, query);
    await use().create(configMaps, configMap("leaver", {}, { watched: "leaving" }));
    const body = { metadata: { labels: { watched: "left" } } };
    await use().patch([configMaps, "leaver"], { kind: "merge", body });
    await eventually(() => expect(watch.summary).toEqual(["ADDED leaver", "DELETED leaver"]));
  });

  test("a watch from nowhere begins with what is there", async () => {
    await use().create(configMaps, configMap("present", {}, { watched: "initial" }));
    const watch = await use().watch(configMaps, { labelSelector: "watched=initial" });
    await eventually(() => expect(watch.summary).toEqual(["ADDED present"]));
  });
}

function endings(use: () => Scratch): void {
  test("a watch ends at its timeout, a bookmark before", async () => {
    const { metadata } = await use().list(configMaps);
    const watch = await use().watch(configMaps, {
      resourceVersion: metadata.resourceVersion,
      allowWatchBookmarks: "true",
      timeoutSeconds: "8",
    });
    const { metadata: last } = await use().create(configMaps, configMap("bookmarked"));
    expect(await watch.ended).toBeUndefined();
    const bookmarks = watch.events.filter(({ type }) => type === "BOOKMARK");
    expect(bookmarks.length).toBeGreaterThan(0);
    const version = Number(bookmarks.at(-1)?.object.metadata.resourceVersion);
    expect(version).toBeGreaterThanOrEqual(Number(last.resourceVersion));
  });
}

function recovery(use: () => Scratch): void {
  /** A kind so new that no server can know what became of it at version 1. */
  let relics: Resource;
  beforeAll(async () => {
    relics = await declareKind(use(), "Relic", anySchema);
    await churn(use());
  });

  test("a version too old is 410 Expired", async () => {
    const failure = await use()
      .watch(relics, { resourceVersion: "1" })
      .then(
        ({ ended }) => ended,
        (error: unknown) => error,
      );
    expect(failure).toMatchObject({ status: 410, reason: "Expired" });
  });

  test("a reflector whose version expired lists again and misses nothing", async () => {
    await use().create(relics, relic(relics, "a"));
    const store = new Store<StoreItem>();
    const told: string[] = [];
    store.onChange(({ type, item }) => told.push(`${type} ${item.name}`));
    const restarts: string[] = [];
    const reflector = new Reflector({
      transport: forgetful(use().transport),
      resource: relics,
      projections: [projection(store, (raw) => itemOf(raw as Thing))],
      clock: systemClock,
      rng: seededRng(1),
      logger: silentLogger,
      observer: { restarted: (_, reason) => restarts.push(reason), unreadable: ignore, diverged: ignore },
    });
    reflector.start();
    await reflector.synced;
    await use().create(relics, relic(relics, "b"));
    await use().remove([relics, "a"]);
    await eventually(() => expect(told.toSorted()).toEqual(["added a", "added b", "deleted a"]));
    expect(restarts).toContain("expired");
    await reflector.stop();
  });
}

function relic({ apiVersion, kind }: Resource, name: string): object {
  return { apiVersion, kind, metadata: { name } };
}

/** Enough changes for a server with a short memory to forget the first. */
async function churn(scratch: Scratch): Promise<void> {
  const { metadata } = await scratch.create(configMaps, { metadata: { generateName: "churn-" } });
  for (let round = 0; round < 30; round += 1) {
    const body = { data: { round: String(round) } };
    await scratch.patch([configMaps, metadata.name], { kind: "merge", body });
  }
}

/** Opens the first watch at a version long forgotten. */
function forgetful(transport: KubeTransport): KubeTransport {
  let first = true;
  return {
    send: (request) => transport.send(request),
    stream: (request) => {
      const query = first ? { ...request.query, resourceVersion: "1" } : (request.query ?? {});
      first = false;
      return transport.stream({ ...request, query });
    },
  };
}

function itemOf({ metadata: { uid, namespace = "", name } }: Thing): StoreItem {
  return { uid, namespace, name };
}

function ignore(): void {
  // Counted elsewhere.
}
