import { seededRng, silentLogger } from "@walras/kit";
import { beforeEach, describe, expect, test } from "vitest";

import { currentMs } from "./freshness.ts";
import { resources } from "./paths.ts";
import { projection } from "./projection.ts";
import { Reflector } from "./reflector.ts";
import { Store, type StoreItem } from "./store.ts";
import { noAnswer, refusal } from "./testing.ts";
import { rawItem as raw, type RawItem, ReflectorRig, transform } from "./testing/reflectorRig.ts";

let rig: ReflectorRig;

beforeEach(() => {
  rig = new ReflectorRig();
});

describe("what may be decided on", () => {
  test("nothing before a list, and nothing while the watch is refused; each attempt lists anew", async () => {
    expect(rig.reflector.trouble()).toBe("pods: not listed yet");
    await rig.started();
    expect(rig.reflector.trouble()).toBeNull();
    rig.server.refuseWatch = () => refusal(403, "Forbidden");
    rig.server.lastWatch.end();
    await rig.clock.advance(2000);
    expect(rig.reflector.trouble()).toBe("pods: the watch is refused (403 Forbidden)");
    rig.world = [raw("a", 11)];
    await rig.clock.advance(30_000);
    expect([rig.names(), rig.server.calls.length > 1]).toEqual([["a"], true]);
    expect(rig.reflector.trouble()).toBe("pods: the watch is refused (403 Forbidden)");
    rig.server.refuseWatch = () => undefined;
    await rig.clock.advance(31_000);
    expect([rig.reflector.trouble(), rig.server.lastWatch.open]).toEqual([null, true]);
  });

  test("follows changes while a watch is open, and not between two", async () => {
    expect(rig.reflector.live()).toBe(false);
    await rig.started();
    await rig.clock.advance(1_000);
    expect(rig.reflector.live()).toBe(true);
    rig.server.refuseWatch = () => refusal(503, "ServiceUnavailable");
    rig.server.lastWatch.end();
    await rig.clock.advance(20_000);
    expect([rig.reflector.trouble(), rig.reflector.live()]).toEqual([null, false]);
    rig.server.refuseWatch = () => undefined;
    await rig.clock.advance(31_000);
    expect(rig.reflector.live()).toBe(true);
  });

  test.each([401, 403, 404])("a watch that ends with %d begins anew with a list", async (status) => {
    await rig.started();
    await rig.tell("ERROR", { code: status, reason: "No" });
    await rig.clock.advance(31_000);
    expect([rig.server.calls.length, rig.server.watches.length, rig.reflector.trouble()]).toEqual([2, 2, null]);
  });

  test.each([0, 408, 429, 500, 503])("a watch that ends with %d goes on from where it was", async (status) => {
    await rig.started();
    await rig.tell("ERROR", { code: status, reason: "Later" });
    await rig.clock.advance(31_000);
    expect([rig.server.calls.length, rig.server.watches.length, rig.reflector.trouble()]).toEqual([1, 2, null]);
  });

  test("what never changes, though the server says nothing at all", async () => {
    await rig.started();
    const troubles: (string | null)[] = [];
    for (let half = 0; half < 20; half += 1) {
      await rig.clock.advance(30_000);
      troubles.push(rig.reflector.trouble());
    }
    expect(new Set(troubles)).toEqual(new Set([null]));
    expect(rig.server.watches.length).toBeGreaterThan(5);
  });

  test("not what was not heard of for longer than bookmarks take", async () => {
    await rig.started();
    rig.server.refuseWatch = () => noAnswer("gone");
    rig.server.lastWatch.end();
    await rig.clock.advance(currentMs);
    expect(rig.reflector.trouble()).toBeNull();
    await rig.clock.advance(500);
    expect(rig.reflector.trouble()).toBe("pods: not heard of for 101 s");
    rig.server.refuseWatch = () => undefined;
    await rig.clock.advance(31_000);
    await rig.tell("BOOKMARK", { metadata: { resourceVersion: "12" } });
    expect(rig.reflector.trouble()).toBeNull();
  });
});

test("a kind that need not be served is no trouble where it is not, and is known when it comes and when it goes", async () => {
  const { clock, server, store } = rig;
  const observer = { restarted: () => undefined, unreadable: () => undefined, diverged: () => undefined };
  const around = { transport: server, clock, rng: seededRng(1), logger: silentLogger, observer };
  const follow = (mayBeAbsent: boolean): Reflector =>
    new Reflector({ ...around, resource: resources.pod, mayBeAbsent, projections: [projection(store, transform)] });
  const [needed, optional] = [follow(false), follow(true)];
  const { answer } = server;
  server.answer = () => refusal(404, "NotFound");
  expect(optional.trouble()).toBe("pods: not listed yet");
  for (const one of [needed, optional]) one.start();
  await clock.advance(0);
  expect([needed.trouble(), optional.trouble()]).toEqual(["pods: not listed yet", null]);
  await needed.stop();
  rig.world = [raw("a", 3)];
  server.answer = answer;
  await clock.advance(31_000);
  expect([rig.names(), optional.trouble()]).toEqual([["a"], null]);
  server.refuseWatch = () => refusal(404, "NotFound");
  server.answer = () => refusal(404, "NotFound");
  server.lastWatch.end();
  await clock.advance(62_000);
  expect([rig.names(), optional.trouble()]).toEqual([[], null]);
  server.answer = () => refusal(403, "Forbidden");
  const refused = follow(true);
  refused.start();
  await clock.advance(0);
  expect(refused.trouble()).toBe("pods: not listed yet");
  for (const one of [optional, refused]) await one.stop();
});

test("each projection has its own view, and none minds what another cannot read", async () => {
  const seen = new Store<StoreItem>();
  const all = new Reflector({
    transport: rig.server,
    resource: resources.pod,
    projections: [
      projection(rig.store, transform),
      projection(seen, (object) => ({ ...(object as RawItem).metadata })),
    ],
    clock: rig.clock,
    rng: seededRng(1),
    logger: silentLogger,
    observer: {
      restarted: () => undefined,
      unreadable: () => rig.counted.push("unreadable"),
      diverged: (_, count) => rig.counted.push(`diverged ${count}`),
    },
  });
  const namesOf = (): string[] => [...seen.values()].map(({ name }) => name).toSorted();
  rig.world = [raw("a", 1), raw("b", 2, "bad"), raw("c", 3, "unwanted")];
  all.start();
  await rig.clock.advance(0);
  expect([rig.told, namesOf(), rig.counted]).toEqual([["added a"], ["a", "b", "c"], ["unreadable"]]);
  await rig.tell("DELETED", raw("a", 11));
  await rig.tell("ADDED", raw("d", 12));
  await rig.clock.advance(0);
  expect([rig.told, namesOf()]).toEqual([
    ["added a", "deleted a", "added d"],
    ["b", "c", "d"],
  ]);
  expect([rig.server.calls.length, rig.server.watches.length]).toEqual([1, 1]);
  rig.world = [raw("b", 2, "bad"), raw("c", 3, "unwanted")];
  for (let minute = 0; minute < 11; minute += 1) {
    await rig.tell("BOOKMARK", { metadata: { resourceVersion: "12" } });
    await rig.clock.advance(60_000);
  }
  expect(rig.counted).toContain("diverged 2");
  expect([rig.told.at(-1), namesOf()]).toEqual(["deleted d", ["b", "c"]]);
  await all.stop();
});
