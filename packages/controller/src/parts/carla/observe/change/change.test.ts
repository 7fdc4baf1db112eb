import { isDeepStrictEqual } from "node:util";

import { seededRng, silentLogger, VirtualClock } from "@walras/kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { ManagedResource } from "../../argocd/port.ts";
import type { RiskPolicy } from "../../config/policy.ts";
import { type Change, untracked } from "../../decide/snapshot.ts";
import { operation, pendingApplication } from "../../act/testing.ts";
import { ChangeAssessor } from "./assessor.ts";
import { changeOf } from "./diff.ts";
import { effectiveRisk } from "../../decide/risk.ts";

const resource = (live: unknown, predicted: unknown, kind = "Deployment"): ManagedResource => ({
  group: "apps",
  kind,
  namespace: "default",
  name: "web",
  live,
  predicted,
});

describe("the size of a change", () => {
  it("is the number of fields that differ, over all objects, and the kinds touched", () => {
    const one = { spec: { replicas: 1, template: { image: "a:1" } } };
    const other = { spec: { replicas: 2, template: { image: "a:2" } } };
    expect(
      changeOf([
        resource(one, other),
        resource(one, one, "Service"),
        resource(null, { data: { a: "1", b: "2" } }, "ConfigMap"),
      ]),
    ).toEqual({
      changedFields: 4,
      objects: 2,
      kinds: ["ConfigMap", "Deployment"],
      prunes: 0,
    });
  });

  it("R1: tells what is live and no longer wanted from what would change", () => {
    const gone = resource({ data: { a: "1" } }, null, "ConfigMap");
    expect(changeOf([gone, resource(null, { data: {} })])).toMatchObject({ objects: 2, prunes: 1 });
    expect(changeOf([gone])).toMatchObject({ objects: 1, prunes: 1 });
  });

  it("compares lists of named things by name, others by place", () => {
    const containers = (...names: string[]): object => ({
      spec: { containers: names.map((name) => ({ name, image: `${name}:1` })) },
    });
    expect(changeOf([resource(containers("a", "b"), containers("b", "a"))]).changedFields).toBe(0);
    expect(changeOf([resource(containers("a"), containers("b", "a"))]).changedFields).toBe(2);
    expect(changeOf([resource({ args: ["x", "y"] }, { args: ["x", "z", "w"] })]).changedFields).toBe(2);
  });

  it("sees a change among things that share a name", () => {
    const env = (...values: string[]): object => ({ env: values.map((value) => ({ name: "A", value })) });
    expect(changeOf([resource(env("1", "2"), env("9", "2"))]).changedFields).toBe(1);
  });

  it("takes annotations that only the cluster wrote for none", () => {
    const metadata = { annotations: { "argocd.argoproj.io/tracking-id": "x" } };
    expect(changeOf([resource({ metadata }, { metadata: {} })]).objects).toBe(0);
    expect(
      changeOf([resource({ metadata }, { metadata: { annotations: { "example.com/a": "1" } } })]).changedFields,
    ).toBe(1);
  });

  it("leaves out what the cluster writes", () => {
    const metadata = {
      name: "a",
      uid: "1",
      resourceVersion: "7",
      generation: 3,
      managedFields: [{}],
      annotations: { "argocd.argoproj.io/tracking-id": "x" },
    };
    const later = { name: "a", uid: "2", resourceVersion: "9", generation: 4, annotations: {} };
    expect(
      changeOf([resource({ metadata, status: { ready: 1 } }, { metadata: later, status: { ready: 2 } })]).objects,
    ).toBe(0);
  });

  it("is nothing for anything and itself, the same in both directions, whatever the order of keys", () => {
    const size = (live: unknown, predicted: unknown): number => changeOf([resource(live, predicted)]).changedFields;
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        expect(size(one, structuredClone(one))).toBe(0);
        expect(size(one, other)).toBe(size(other, one));
        expect(size({ a: one, b: other }, { b: other, a: one })).toBe(0);
        expect(size({ spec: one }, { spec: other }) === 0).toBe(isDeepStrictEqual(one, other));
      }),
    );
  });

  it("is the same for lists of named things in any order, and never hides one that differs", () => {
    // As JSON gives them, with a prototype: one without differs to isDeepStrictEqual.
    const fields = { name: fc.constantFrom("a", "b", "c", "d"), value: fc.nat(3) };
    const thing = fc.record(fields, { noNullPrototype: true });
    fc.assert(
      fc.property(fc.uniqueArray(thing, { selector: ({ name }) => name }), fc.array(thing), (one, other) => {
        const size = (live: unknown, predicted: unknown): number => changeOf([resource(live, predicted)]).changedFields;
        expect(size(one, one.toReversed())).toBe(0);
        const byName = (list: typeof one): typeof one => list.toSorted((x, y) => x.name.localeCompare(y.name));
        if (!isDeepStrictEqual(byName(one), byName(other))) expect(size(one, other)).toBeGreaterThan(0);
      }),
    );
  });
});

describe("the risk of a change", () => {
  const policy: RiskPolicy = {
    high: 2,
    largeDiff: 0.5,
    largeDiffFields: 200,
    sensitiveKind: 0.5,
    sensitiveKinds: new Set(["CustomResourceDefinition"]),
    failure: 0.5,
    failureHalfLifeHours: 84,
    mostAdded: 1.5,
  };
  const nowMs = 1e12;
  const risk = (change: Change | null | undefined, failedAtMs: readonly number[] = []): number =>
    effectiveRisk({ risk: 1 }, { change, track: { ...untracked, failedAtMs } }, policy, nowMs).total;
  const change = (changedFields: number, ...kinds: string[]): Change => ({ changedFields, objects: 1, kinds });

  it("is as configured where nothing is known of it", () => {
    expect([risk(undefined), risk(null)]).toEqual([1, 1]);
  });

  it("grows with the size of the diff up to a bound, and with kinds that are delicate", () => {
    expect([risk(change(50)), risk(change(200)), risk(change(9999))]).toEqual([1.125, 1.5, 1.5]);
    expect(risk(change(0, "CustomResourceDefinition"))).toBe(1.5);
    expect(risk(change(Number.MAX_SAFE_INTEGER, "(unknown)"))).toBe(2);
  });

  it("remembers failures, half after each half-life, and adds no more than it may", () => {
    const halfLifeMs = 84 * 3_600_000;
    expect([risk(undefined, [nowMs]), risk(undefined, [nowMs - halfLifeMs])]).toEqual([1.5, 1.25]);
    expect(risk(change(999, "CustomResourceDefinition"), [nowMs, nowMs, nowMs])).toBe(2.5);
  });
});

describe("the assessor of changes", () => {
  function stage(read: (name: string) => Promise<readonly ManagedResource[]>): {
    assessor: ChangeAssessor;
    clock: VirtualClock;
    busiest: () => number;
  } {
    const clock = new VirtualClock();
    let running = 0;
    let busiest = 0;
    const assessor = new ChangeAssessor({
      changes: {
        managedResources: async ({ name }) => {
          running += 1;
          busiest = Math.max(busiest, running);
          return read(name).finally(() => (running -= 1));
        },
      },
      clock,
      rng: seededRng(1),
      logger: silentLogger,
    });
    assessor.start();
    return { assessor, clock, busiest: () => busiest };
  }
  const app = (name: string): ReturnType<typeof pendingApplication> => pendingApplication({ name });

  it("reads in the background, once for each revision", async () => {
    let reads = 0;
    const { assessor, clock } = stage(() =>
      Promise.resolve([resource(null, { data: { reads: String((reads += 1)) } })]),
    );
    expect(assessor.change(app("a"), "r1")).toBeNull();
    await clock.advance(1);
    expect(assessor.change(app("a"), "r1")).toMatchObject({ changedFields: 1, objects: 1 });
    await clock.advance(60_000);
    expect([assessor.change(app("a"), "r1")?.objects, reads]).toEqual([1, 1]);
    expect(assessor.change(app("a"), "r2")).toBeNull();
    await clock.advance(1);
    expect([assessor.change(app("a"), "r2")?.objects, reads]).toEqual([1, 2]);
    await assessor.stop();
  });

  it("R1: reads again after an operation, and after a while what may have changed since", async () => {
    let reads = 0;
    const { assessor, clock } = stage(() =>
      Promise.resolve(Array.from({ length: (reads += 1) }, () => resource(1, null))),
    );
    const synced = pendingApplication({ name: "a", operation: operation() });
    assessor.change(app("a"), "r1");
    await clock.advance(1);
    expect(assessor.change(synced, "r1")).toBeNull();
    await clock.advance(1);
    expect(assessor.change(synced, "r1")?.prunes).toBe(2);
    for (let minute = 0; minute < 11; minute += 1) {
      await clock.advance(60_000);
      expect(assessor.change(synced, "r1")).not.toBeNull();
    }
    await clock.advance(1);
    expect(assessor.change(synced, "r1")?.prunes).toBe(3);
    await assessor.stop();
  });

  it("reads four at a time at most, and all of them", async () => {
    const { assessor, clock, busiest } = stage(() => new Promise((resolve) => clock.after(100, () => resolve([]))));
    const names = Array.from({ length: 20 }, (_, index) => `app-${index}`);
    for (const name of names) assessor.change(app(name), "r1");
    await clock.advance(1_000);
    expect(names.map((name) => assessor.change(app(name), "r1")?.objects)).toEqual(names.map(() => 0));
    expect(busiest()).toBe(4);
    await assessor.stop();
  });

  it("takes what cannot be read for the worst, after three tries, and does not hold up the others", async () => {
    const { assessor, clock } = stage((name) =>
      name === "bad" ? Promise.reject(new Error("rpc error")) : Promise.resolve([]),
    );
    assessor.change(app("bad"), "r1");
    assessor.change(app("good"), "r1");
    await clock.advance(1);
    expect(assessor.change(app("good"), "r1")?.objects).toBe(0);
    expect(assessor.change(app("bad"), "r1")).toBeNull();
    await clock.advance(10_000);
    expect(assessor.change(app("bad"), "r1")?.kinds).toEqual(["(unknown)"]);
    await assessor.stop();
  });

  it("reads what can be read while many others wait for another try", async () => {
    const { assessor, clock } = stage((name) =>
      name === "good" ? Promise.resolve([]) : Promise.reject(new Error("rpc error")),
    );
    for (let index = 0; index < 100; index += 1) assessor.change(app(`bad-${index}`), "r1");
    assessor.change(app("good"), "r1");
    await clock.advance(1);
    expect(assessor.change(app("good"), "r1")?.objects).toBe(0);
    await assessor.stop();
  });

  it("reads what it took for the worst as soon as it can be read", async () => {
    let down = true;
    const { assessor, clock } = stage(() => (down ? Promise.reject(new Error("rpc error")) : Promise.resolve([])));
    assessor.change(app("a"), "r1");
    await clock.advance(1);
    await clock.advance(20_000);
    expect(assessor.change(app("a"), "r1")?.kinds).toEqual(["(unknown)"]);
    down = false;
    await clock.advance(60_000);
    expect(assessor.change(app("a"), "r1")?.kinds).toEqual([]);
    await assessor.stop();
  });

  it("reads anew what nobody has asked for in a while: the cluster has moved on", async () => {
    let reads = 0;
    const { assessor, clock } = stage(() =>
      Promise.resolve(Array.from({ length: (reads += 1) }, () => resource(null, 1))),
    );
    assessor.change(app("a"), "r1");
    await clock.advance(700_000);
    expect(assessor.change(app("a"), "r1")).toBeNull();
    await clock.advance(1);
    expect(assessor.change(app("a"), "r1")?.objects).toBe(2);
    await assessor.stop();
  });
});
