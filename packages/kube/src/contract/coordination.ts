import { type Clock, silentLogger, systemClock, systemRng } from "@walras/kit";
import { describe, expect, test } from "vitest";

import { EventRecorder } from "../events.ts";
import { LeaderElector } from "../lease.ts";
import { microTime } from "../microTime.ts";
import { resources } from "../paths.ts";
import { eventually, failureOf, type Scratch, type Thing } from "./scratch.ts";

/** Leases, the election by them, and events. */
export function coordinationContract(use: () => Scratch): void {
  describe("leases", () => leases(use));
  describe("leader election", () => election(use));
  describe("events", () => events(use));
}

function leases(use: () => Scratch): void {
  test("a time without microseconds is 400", async () => {
    const lease = (renewTime: string): Promise<Thing> =>
      use().create(resources.lease, { metadata: { name: "timed" }, spec: { renewTime } });
    const failure = await failureOf(lease("2026-01-01T00:00:00Z"));
    expect([failure.status, failure.reason]).toEqual([400, "BadRequest"]);
    const made = await lease(microTime(Date.UTC(2026, 0, 1)));
    expect(made.spec?.["renewTime"]).toBe("2026-01-01T00:00:00.000000Z");
  });

  test("a replacement without a version is refused", async () => {
    const spec = { holderIdentity: "one" };
    await use().create(resources.lease, { metadata: { name: "unversioned" }, spec });
    const body = { metadata: { name: "unversioned" }, spec: { holderIdentity: "two" } };
    const failure = await failureOf(use().put([resources.lease, "unversioned"], body));
    expect([failure.status, failure.causes[0]?.field]).toEqual([422, "metadata.resourceVersion"]);
    expect((await use().get(resources.lease, "unversioned")).spec).toEqual(spec);
  });

  test("of two that write at one version, one wins", async () => {
    const lease = await use().create(resources.lease, { metadata: { name: "raced" }, spec: {} });
    const write = (holderIdentity: string): Promise<Thing> =>
      use().put([resources.lease, "raced"], { ...lease, spec: { holderIdentity } });
    const outcomes = await Promise.allSettled([write("one"), write("two")]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const lost = outcomes.find(({ status }) => status === "rejected") as PromiseRejectedResult;
    expect(lost.reason).toMatchObject({ status: 409, reason: "Conflict" });
  });
}

function candidate(scratch: Scratch, identity: string, epochs: number[], clock: Clock = systemClock): LeaderElector {
  const elector = new LeaderElector({
    transport: scratch.transport,
    lease: { namespace: scratch.namespace, name: "election" },
    identity,
    clock,
    rng: systemRng,
    logger: silentLogger,
    onLost: () => epochs.push(-1),
  });
  elector.whenLeading((epoch) => epochs.push(epoch));
  return elector;
}

function election(use: () => Scratch): void {
  test("one leads; who stops gives way to the next, in a later epoch", async () => {
    const epochs: number[] = [];
    const [first, second] = [candidate(use(), "first", epochs), candidate(use(), "second", epochs)];
    first.start();
    await eventually(() => expect(first.leads()).toBe(true));
    second.start();
    await eventually(async () => {
      const { spec } = await use().get(resources.lease, "election");
      expect(spec).toMatchObject({ holderIdentity: "first", leaseDurationSeconds: 13, leaseTransitions: 1 });
    });
    expect(second.leads()).toBe(false);
    await first.stop();
    expect(first.leads()).toBe(false);
    await eventually(() => expect(second.leads()).toBe(true));
    await second.stop();
    expect(epochs).toEqual([1, 2]);
  });
}

/** A recorder whose writes wait until they are done by hand. */
function recording(scratch: Scratch): {
  readonly recorder: EventRecorder;
  readonly writeAll: () => Promise<void>;
} {
  const writes = new Map<string, () => Promise<void>>();
  const recorder = new EventRecorder({
    transport: scratch.transport,
    enqueue: ({ key, write }) => writes.set(key, write),
    priority: 9,
    clock: systemClock,
    logger: silentLogger,
    controller: "example.com/contract",
    instance: "contract-1",
    onDropped: () => writes.set("dropped", () => Promise.reject(new Error("an event was dropped"))),
  });
  const writeAll = async (): Promise<void> => {
    for (const write of writes.values()) await write();
    expect([...writes.keys()]).not.toContain("dropped");
    writes.clear();
  };
  return { recorder, writeAll };
}

async function eventsOf(scratch: Scratch, namespace: string, name: string): Promise<unknown> {
  const path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
  const query = { fieldSelector: `regarding.name=${name}` };
  return ((await scratch.transport.send({ method: "GET", path, query })) as { items: unknown }).items;
}

function events(use: () => Scratch): void {
  test("an event is written once, and counted when it comes again", async () => {
    const { recorder, writeAll } = recording(use());
    const regarding = { apiVersion: "v1", kind: "Pod", namespace: use().namespace, name: "told-of", uid: "u-1" };
    const note = "é".repeat(600);
    for (let time = 1; time <= 3; time += 1) {
      recorder.record({ regarding, type: "Normal", reason: "Resized", action: "Resize", note });
      await writeAll();
    }
    expect(await eventsOf(use(), use().namespace, "told-of")).toMatchObject([
      { regarding, reason: "Resized", note: "é".repeat(512), series: { count: 3 } },
    ]);
  });

  test("an event that came twice before it was written is born as a series", async () => {
    const { recorder, writeAll } = recording(use());
    const regarding = { apiVersion: "v1", kind: "Node", namespace: "", name: `${use().namespace}-n`, uid: "u-2" };
    const event = { regarding, type: "Warning", reason: "Silent", action: "Watch", note: "twice" } as const;
    recorder.record(event);
    recorder.record(event);
    await writeAll();
    expect(await eventsOf(use(), "default", regarding.name)).toMatchObject([{ note: "twice", series: { count: 2 } }]);
  });
}
