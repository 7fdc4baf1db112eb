import { seededRng, silentLogger, VirtualClock } from "@walras/kit";
import { beforeEach, describe, expect, test } from "vitest";

import { resources } from "./paths.ts";
import type { KubeRequest } from "./port.ts";
import { Reflector } from "./reflector.ts";
import { Store, type StoreItem } from "./store.ts";
import { noAnswer, refusal, ScriptedTransport } from "./testing.ts";

interface Item extends StoreItem {
  readonly label: string;
}

interface Raw {
  readonly metadata: {
    readonly uid: string;
    readonly namespace: string;
    readonly name: string;
    readonly resourceVersion: string;
  };
  readonly label: string;
}

function raw(name: string, version: number, label = "", uid = `uid-${name}`): Raw {
  return { metadata: { uid, namespace: "ns", name, resourceVersion: String(version) }, label };
}

/** Says "bad" of bad objects, and leaves out those that are not wanted. */
function transform(object: unknown): Item | undefined {
  const { metadata, label } = object as Raw;
  if (label === "bad") throw new Error("cannot be read");
  if (label === "unwanted") return undefined;
  return { uid: metadata.uid, namespace: metadata.namespace, name: metadata.name, label };
}

let clock: VirtualClock;
let server: ScriptedTransport;
let store: Store<Item>;
let reflector: Reflector<Item>;
/** What the server holds, and at which version it lists. */
let world: Raw[];
let version: number;
let told: string[];
let counted: string[];

beforeEach(() => {
  clock = new VirtualClock();
  server = new ScriptedTransport();
  store = new Store<Item>();
  world = [];
  version = 10;
  told = [];
  counted = [];
  server.answer = () => ({ metadata: { resourceVersion: String(version) }, items: world });
  store.onChange(({ type, item }) => told.push(`${type} ${item.name}`));
  reflector = new Reflector({
    transport: server,
    resource: resources.pod,
    store,
    transform,
    clock,
    rng: seededRng(1),
    logger: silentLogger,
    observer: {
      restarted: (_, reason) => counted.push(reason),
      unreadable: () => counted.push("unreadable"),
      diverged: (_, count) => counted.push(`diverged ${count}`),
      handlerFailed: () => counted.push("handler"),
    },
  });
});

async function started(): Promise<void> {
  reflector.start();
  await clock.advance(0);
}

async function tell(type: string, object: object): Promise<void> {
  server.lastWatch.tell(type, object);
  await clock.advance(0);
}

function names(): string[] {
  return [...store.values()].map(({ name }) => name).toSorted();
}

function versionOf({ query }: KubeRequest): string | undefined {
  return query?.["resourceVersion"];
}

describe("listing and watching", () => {
  test("asks for what a selector chooses, in lists and in watches", async () => {
    const selected = new Reflector({
      transport: server,
      resource: resources.pod,
      labelSelector: "app=web",
      store,
      transform,
      clock,
      rng: seededRng(1),
      logger: silentLogger,
      observer: { restarted: () => undefined, unreadable: () => undefined, diverged: () => undefined },
    });
    selected.start();
    await clock.advance(0);
    expect(server.calls[0]?.query).toMatchObject({ labelSelector: "app=web" });
    expect(server.lastWatch.request.query).toMatchObject({ labelSelector: "app=web", watch: "true" });
    await selected.stop();
  });

  test("lists, then watches from the list's version with bookmarks and a random end", async () => {
    world = [raw("a", 3), raw("b", 7)];
    await started();
    await reflector.synced;
    expect(names()).toEqual(["a", "b"]);
    const { query } = server.lastWatch.request;
    expect(query).toMatchObject({ watch: "true", allowWatchBookmarks: "true", resourceVersion: "10" });
    expect(Number(query?.["timeoutSeconds"])).toBeGreaterThanOrEqual(300);
    expect(Number(query?.["timeoutSeconds"])).toBeLessThan(600);
  });

  test("follows the events, and goes on after the last of them, bookmarks included", async () => {
    world = [raw("a", 3), raw("b", 7)];
    await started();
    server.lastWatch.tell("ADDED", raw("c", 11));
    server.lastWatch.tell("MODIFIED", raw("a", 12, "new"));
    server.lastWatch.tell("DELETED", raw("b", 13));
    server.lastWatch.tell("BOOKMARK", { metadata: { resourceVersion: "20" } });
    await clock.advance(2000);
    expect([names(), store.named("ns", "a")?.label]).toEqual([["a", "c"], "new"]);
    server.lastWatch.end();
    await clock.advance(0);
    expect([server.watches.length, versionOf(server.lastWatch.request), server.calls.length]).toEqual([2, "20", 1]);
    expect(counted).toEqual(["ended"]);
  });

  test("reads a list in pages and takes it as a whole", async () => {
    server.answer = ({ query }) =>
      query?.["continue"] === "more"
        ? { metadata: { resourceVersion: "10" }, items: [raw("b", 2)] }
        : { metadata: { resourceVersion: "10", continue: "more" }, items: [raw("a", 1)] };
    await started();
    expect(names()).toEqual(["a", "b"]);
    expect(server.calls.map(({ query }) => query)).toEqual([{ limit: "500" }, { limit: "500", continue: "more" }]);
  });

  test("begins a list anew that expired between two pages, and is not synced before", async () => {
    let expired = false;
    server.answer = ({ query }) => {
      if (query?.["continue"] === undefined) {
        return { metadata: { resourceVersion: "10", ...(expired ? {} : { continue: "more" }) }, items: [raw("a", 1)] };
      }
      expired = true;
      return refusal(410, "Expired");
    };
    await started();
    expect([reflector.isSynced, names()]).toEqual([false, []]);
    await clock.advance(30_000);
    expect([reflector.isSynced, names()]).toEqual([true, ["a"]]);
  });
});

describe("what goes wrong", () => {
  test.each([
    [
      "an HTTP 410",
      (): void => void (server.refuseWatch = () => (server.watches.length === 2 ? refusal(410, "Expired") : undefined)),
    ],
    [
      "an ERROR event",
      (): void => server.lastWatch.tell("ERROR", { code: 410, reason: "Expired", message: "too old" }),
    ],
  ])("%s lists again at once; what was missed is told as differences", async (_, expire) => {
    world = [raw("kept", 1), raw("gone", 2), raw("reborn", 3)];
    await started();
    await clock.advance(5000);
    world = [raw("kept", 1), raw("new", 12), raw("reborn", 13, "", "uid-successor")];
    version = 20;
    told.length = 0;
    expire();
    server.lastWatch.end();
    await clock.advance(0);
    expect(told.toSorted()).toEqual(["added new", "added reborn", "deleted gone", "deleted reborn"]);
    expect(versionOf(server.lastWatch.request)).toBe("20");
    expect(counted).toContain("expired");
  });

  test("silence for longer than bookmarks take opens another watch", async () => {
    await started();
    await clock.advance(60_000);
    await tell("BOOKMARK", { metadata: { resourceVersion: "15" } });
    await clock.advance(80_000);
    expect(server.watches).toHaveLength(1);
    await clock.advance(11_000);
    expect([server.watches.length, versionOf(server.lastWatch.request), counted]).toEqual([2, "15", ["silent"]]);
    expect(server.watches[0]?.open).toBe(false);
  });

  test("a server that is away is asked ever less often, and found again", async () => {
    let away = true;
    server.answer = () => (away ? noAnswer("refused") : { metadata: { resourceVersion: "5" }, items: [raw("a", 1)] });
    await started();
    await clock.advance(10_000);
    const early = server.calls.length;
    await clock.advance(300_000);
    expect(early).toBeGreaterThanOrEqual(3);
    expect(server.calls.length - early).toBeLessThan(20);
    expect(reflector.isSynced).toBe(false);
    away = false;
    await clock.advance(30_000);
    expect(names()).toEqual(["a"]);
  });

  test("Retry-After is waited for", async () => {
    server.answer = () => refusal(429, "TooManyRequests", 20_000);
    await started();
    await clock.advance(19_000);
    expect(server.calls).toHaveLength(1);
    await clock.advance(2000);
    expect(server.calls).toHaveLength(2);
  });

  test("a server that hangs up at once is not called in a circle", async () => {
    await started();
    server.refuseWatch = () => {
      queueMicrotask(() => server.lastWatch.end());
      return undefined;
    };
    server.lastWatch.end();
    await clock.advance(60_000);
    expect(server.watches.length).toBeLessThan(12);
    expect(server.calls).toHaveLength(1);
  });

  test("a line that is no JSON, and an event of no kind, are survived", async () => {
    await started();
    await tell("SURPRISE", raw("a", 11));
    await clock.advance(40_000);
    await tell("ADDED", raw("b", 12));
    await clock.advance(0);
    expect([names(), counted]).toEqual([["b"], ["failed"]]);
  });
});

describe("what others do wrong", () => {
  test("an object that cannot be read stops no other; what was read of it before stays", async () => {
    world = [raw("a", 1, "good"), raw("b", 2, "bad")];
    await started();
    expect([names(), counted]).toEqual([["a"], ["unreadable"]]);
    await tell("MODIFIED", raw("a", 11, "bad"));
    await tell("ADDED", raw("c", 12));
    await clock.advance(0);
    expect([names(), store.named("ns", "a")?.label]).toEqual([["a", "c"], "good"]);
    world = [raw("a", 11, "bad"), raw("c", 12)];
    await tell("ERROR", { code: 410 });
    await clock.advance(30_000);
    expect([names(), store.named("ns", "a")?.label]).toEqual([["a", "c"], "good"]);
  });

  test("an object that is not wanted any more is told as deleted", async () => {
    world = [raw("a", 1)];
    await started();
    await tell("MODIFIED", raw("a", 11, "unwanted"));
    await tell("ADDED", raw("b", 12, "unwanted"));
    await clock.advance(0);
    expect(told).toEqual(["added a", "deleted a"]);
  });

  test("a listener that throws is counted and breaks no watch", async () => {
    store.onChange(({ item }) => {
      if (item.name === "a") throw new Error("listener");
    });
    await started();
    await tell("ADDED", raw("a", 11));
    await tell("ADDED", raw("b", 12));
    await clock.advance(0);
    expect([names(), counted, server.watches.length]).toEqual([["a", "b"], ["handler"], 1]);
  });
});

describe("the audit", () => {
  /** Keeps the watch alive; what it says is that nothing happened. */
  async function quiet(minutes: number): Promise<void> {
    for (let minute = 0; minute < minutes; minute += 1) {
      await tell("BOOKMARK", { metadata: { resourceVersion: "10" } });
      await clock.advance(60_000);
    }
  }

  test("a store that is as it should be is left alone", async () => {
    world = [raw("a", 1), raw("bad", 2, "bad"), raw("other", 3, "unwanted")];
    await started();
    await quiet(11);
    expect(server.calls[1]?.query).toEqual({ limit: "500", resourceVersion: "10", resourceVersionMatch: "Exact" });
    expect([counted, server.watches.length]).toEqual([["unreadable"], 1]);
  });

  test("what the watch never told is counted and put right", async () => {
    world = [raw("a", 1), raw("b", 2), raw("c", 3)];
    await started();
    world = [raw("a", 1), raw("b", 2, "changed"), raw("d", 4)];
    await quiet(11);
    expect(counted).toEqual(["diverged 3", "diverged"]);
    expect([names(), store.named("ns", "b")?.label]).toEqual([["a", "b", "d"], "changed"]);
    expect(server.lastWatch.open).toBe(true);
  });

  test("one that cannot be done is left out", async () => {
    world = [raw("a", 1)];
    await started();
    server.answer = () => refusal(410, "Expired");
    await quiet(11);
    expect([counted, names(), server.watches.length]).toEqual([[], ["a"], 1]);
  });
});

test("a stopped reflector asks no more", async () => {
  await started();
  await reflector.stop();
  expect(server.lastWatch.open).toBe(false);
  await clock.advance(600_000);
  expect([server.calls.length, server.watches.length, counted]).toEqual([1, 1, []]);
});
