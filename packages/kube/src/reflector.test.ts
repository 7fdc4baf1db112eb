import { seededRng, silentLogger } from "@walras/kit";
import { beforeEach, describe, expect, test } from "vitest";

import { resources } from "./paths.ts";
import { projection } from "./projection.ts";
import { Reflector } from "./reflector.ts";
import { noAnswer, refusal } from "./testing.ts";
import { rawItem as raw, ReflectorRig, transform, versionOf } from "./testing/reflectorRig.ts";

let rig: ReflectorRig;

beforeEach(() => {
  rig = new ReflectorRig();
});

describe("listing and watching", () => {
  test("asks for what a selector chooses, in lists and in watches", async () => {
    const selected = new Reflector({
      transport: rig.server,
      resource: resources.pod,
      labelSelector: "app=web",
      projections: [projection(rig.store, transform)],
      clock: rig.clock,
      rng: seededRng(1),
      logger: silentLogger,
      observer: { restarted: () => undefined, unreadable: () => undefined, diverged: () => undefined },
    });
    selected.start();
    await rig.clock.advance(0);
    expect(rig.server.calls[0]?.query).toMatchObject({ labelSelector: "app=web" });
    expect(rig.server.lastWatch.request.query).toMatchObject({ labelSelector: "app=web", watch: "true" });
    await selected.stop();
  });

  test("lists, then watches from the list's version with bookmarks and a random end", async () => {
    rig.world = [raw("a", 3), raw("b", 7)];
    await rig.started();
    await rig.reflector.synced;
    expect(rig.names()).toEqual(["a", "b"]);
    const { query } = rig.server.lastWatch.request;
    expect(query).toMatchObject({ watch: "true", allowWatchBookmarks: "true", resourceVersion: "10" });
    expect(Number(query?.["timeoutSeconds"])).toBeGreaterThanOrEqual(300);
    expect(Number(query?.["timeoutSeconds"])).toBeLessThan(600);
  });

  test("follows the events, and goes on after the last of them, bookmarks included", async () => {
    rig.world = [raw("a", 3), raw("b", 7)];
    await rig.started();
    rig.server.lastWatch.tell("ADDED", raw("c", 11));
    rig.server.lastWatch.tell("MODIFIED", raw("a", 12, "new"));
    rig.server.lastWatch.tell("DELETED", raw("b", 13));
    rig.server.lastWatch.tell("BOOKMARK", { metadata: { resourceVersion: "20" } });
    await rig.clock.advance(2000);
    expect([rig.names(), rig.store.named("ns", "a")?.label]).toEqual([["a", "c"], "new"]);
    rig.server.lastWatch.end();
    await rig.clock.advance(0);
    expect([rig.server.watches.length, versionOf(rig.server.lastWatch.request), rig.server.calls.length]).toEqual([
      2,
      "20",
      1,
    ]);
    expect(rig.counted).toEqual(["ended"]);
  });

  test("reads a list in pages and takes it as a whole", async () => {
    rig.server.answer = ({ query }) =>
      query?.["continue"] === "more"
        ? { metadata: { resourceVersion: "10" }, items: [raw("b", 2)] }
        : { metadata: { resourceVersion: "10", continue: "more" }, items: [raw("a", 1)] };
    await rig.started();
    expect(rig.names()).toEqual(["a", "b"]);
    expect(rig.server.calls.map(({ query }) => query)).toEqual([{ limit: "500" }, { limit: "500", continue: "more" }]);
  });

  test("begins a list anew that expired between two pages, and is not synced before", async () => {
    let expired = false;
    rig.server.answer = ({ query }) => {
      if (query?.["continue"] === undefined) {
        return { metadata: { resourceVersion: "10", ...(expired ? {} : { continue: "more" }) }, items: [raw("a", 1)] };
      }
      expired = true;
      return refusal(410, "Expired");
    };
    await rig.started();
    expect([rig.reflector.trouble(), rig.names()]).toEqual(["pods: not listed yet", []]);
    await rig.clock.advance(30_000);
    expect([rig.reflector.trouble(), rig.names()]).toEqual([null, ["a"]]);
  });
});

describe("what goes wrong", () => {
  test.each([
    [
      "an HTTP 410",
      (): void =>
        void (rig.server.refuseWatch = () => (rig.server.watches.length === 2 ? refusal(410, "Expired") : undefined)),
    ],
    [
      "an ERROR event",
      (): void => rig.server.lastWatch.tell("ERROR", { code: 410, reason: "Expired", message: "too old" }),
    ],
  ])("%s lists again at once; what was missed is told as differences", async (_, expire) => {
    rig.world = [raw("kept", 1), raw("gone", 2), raw("reborn", 3)];
    await rig.started();
    await rig.clock.advance(5000);
    rig.world = [raw("kept", 1), raw("new", 12), raw("reborn", 13, "", "uid-successor")];
    rig.version = 20;
    rig.told.length = 0;
    expire();
    rig.server.lastWatch.end();
    await rig.clock.advance(0);
    expect(rig.told.toSorted()).toEqual(["added new", "added reborn", "deleted gone", "deleted reborn"]);
    expect(versionOf(rig.server.lastWatch.request)).toBe("20");
    expect(rig.counted).toContain("expired");
  });

  test("silence for longer than bookmarks take opens another watch", async () => {
    await rig.started();
    await rig.clock.advance(60_000);
    await rig.tell("BOOKMARK", { metadata: { resourceVersion: "15" } });
    await rig.clock.advance(80_000);
    expect(rig.server.watches).toHaveLength(1);
    await rig.clock.advance(11_000);
    expect([rig.server.watches.length, versionOf(rig.server.lastWatch.request), rig.counted]).toEqual([
      2,
      "15",
      ["silent"],
    ]);
    expect(rig.server.watches[0]?.open).toBe(false);
  });

  test("a server that is away is asked ever less often, and found again", async () => {
    let away = true;
    rig.server.answer = () =>
      away ? noAnswer("refused") : { metadata: { resourceVersion: "5" }, items: [raw("a", 1)] };
    await rig.started();
    await rig.clock.advance(10_000);
    const early = rig.server.calls.length;
    await rig.clock.advance(300_000);
    expect(early).toBeGreaterThanOrEqual(3);
    expect(rig.server.calls.length - early).toBeLessThan(20);
    expect(rig.reflector.trouble()).toBe("pods: not listed yet");
    away = false;
    await rig.clock.advance(30_000);
    expect(rig.names()).toEqual(["a"]);
  });

  test("Retry-After is waited for", async () => {
    rig.server.answer = () => refusal(429, "TooManyRequests", 20_000);
    await rig.started();
    await rig.clock.advance(19_000);
    expect(rig.server.calls).toHaveLength(1);
    await rig.clock.advance(2000);
    expect(rig.server.calls).toHaveLength(2);
  });

  test("a server that hangs up at once is not called in a circle", async () => {
    await rig.started();
    rig.server.refuseWatch = () => {
      queueMicrotask(() => rig.server.lastWatch.end());
      return undefined;
    };
    rig.server.lastWatch.end();
    await rig.clock.advance(60_000);
    expect(rig.server.watches.length).toBeLessThan(12);
    expect(rig.server.calls).toHaveLength(1);
  });

  test("a line that is no JSON, and an event of no kind, are survived", async () => {
    await rig.started();
    await rig.tell("SURPRISE", raw("a", 11));
    await rig.clock.advance(40_000);
    await rig.tell("ADDED", raw("b", 12));
    await rig.clock.advance(0);
    expect([rig.names(), rig.counted]).toEqual([["b"], ["failed"]]);
  });
});

test("a stopped reflector asks no more", async () => {
  await rig.started();
  await rig.reflector.stop();
  expect(rig.server.lastWatch.open).toBe(false);
  await rig.clock.advance(600_000);
  expect([rig.server.calls.length, rig.server.watches.length, rig.counted]).toEqual([1, 1, []]);
});
