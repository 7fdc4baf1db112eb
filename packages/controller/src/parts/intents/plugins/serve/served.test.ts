import { silentLogger, systemClock } from "@walras/kit";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";

import { decideIntents } from "../../decide/decide.ts";
import type { IntentDecision } from "../../decide/decision.ts";
import type { IntentSnapshot, PlanningSnapshot } from "../../decide/snapshot.ts";
import {
  availability,
  configOf,
  type Configured,
  intent,
  models,
  noon,
  p99,
  pods,
  profiles,
  rps,
  values,
} from "../../decide/testing.ts";
import type { Models } from "../../models/effects.ts";
import { decideWithPlugins } from "../planning.ts";
import { closeRigs, newRig, type PluginRig } from "../testing/rig.ts";
import { Proposer } from "./proposer.ts";
import { ServedActuators } from "./served.ts";
import { FakeCarrier } from "./testing.ts";

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  await closeRigs();
});

const own = ["scaleOut", "rmPod", "scaleCPU"];
const signal = new AbortController().signal;

interface Serving {
  readonly rig: PluginRig;
  readonly carrier: FakeCarrier;
  readonly served: ServedActuators;
  /** What our actuators know of an intent. */
  models: Models;
}

async function serving(configured: Configured = {}, names: readonly string[] = own): Promise<Serving> {
  const rig = await newRig();
  const carrier = new FakeCarrier();
  const known = { models: models() };
  const config = configOf(configured);
  const proposer = new Proposer({ config, models: { modelsFor: () => known.models }, clock: systemClock });
  const served = new ServedActuators({
    names,
    host: "127.0.0.1",
    port: 0,
    advertisedHost: "127.0.0.1",
    manager: `127.0.0.1:${rig.manager.port}`,
    security: { insecure: true },
    proposer,
    carrier,
    clock: systemClock,
    logger: silentLogger,
  });
  await served.start();
  stops.push(() => served.stop());
  await expect.poll(() => rig.manager.plugins.names()).toEqual([...names].toSorted());
  return Object.assign(known, { rig, carrier, served });
}

function snapshotOf(...intents: readonly IntentSnapshot[]): PlanningSnapshot {
  return { nowMs: noon, profiles, intents, freeMilli: new Map() };
}

async function overTheWire(
  { rig }: Serving,
  one: IntentSnapshot,
  configured: Configured = {},
): Promise<IntentDecision> {
  const planning = { config: configOf(configured), plugins: rig.manager.plugins, clock: systemClock };
  const [decision] = await decideWithPlugins(planning, snapshotOf(one), signal);
  return decision!;
}

function inProcess(one: IntentSnapshot, configured: Configured = {}): IntentDecision {
  return decideIntents(configOf(configured), snapshotOf(one), () => 0)[0]!;
}

function inOrder({ plan }: IntentDecision): string[] {
  return plan.map((action) => JSON.stringify(action)).toSorted();
}

const between = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });

/** Services of a few pods, with models of any shape and targets that are met or not. */
const services = fc
  .record({
    count: fc.integer({ min: 1, max: 5 }),
    milli: fc.integer({ min: 1, max: 12 }).map((hundreds) => hundreds * 100),
    latency: between(10, 400),
    load: between(0, 40),
    target: between(20, 300),
    scaling: fc.tuple(between(50, 400), between(0, 0.1), fc.constant(1), between(0, 0.05)),
    cpu: fc.tuple(between(10, 400), between(0.2, 5), between(0, 100)),
    seen: fc.integer({ min: 2, max: 7 }),
    share: between(0.5, 1),
    least: between(0.9, 1),
  })
  .map(({ count, milli, latency, load, target, scaling, cpu, seen, share, least }) =>
    intent({
      objectives: [
        { profile: availability, target: least, tolerance: 0 },
        { profile: p99, target, tolerance: 0 },
        { profile: rps, target: 0, tolerance: 0 },
      ],
      measured: values({ [p99]: latency, [rps]: load }),
      pods: pods(count, { availability: share }),
      resources: new Map([["0_cpu_limits", milli]]),
      models: models([
        { group: "scaling", data: { popt: scaling, throughputScale: [1, 1], replicaRange: [1, seen] } },
        { group: "vertical_scaling", data: { popt: cpu, cpuRange: [0.1, 2] } },
      ]),
    }),
  );

describe("our actuators over the wire", () => {
  it("lead to the plan that they lead to in the process, whatever the service", async () => {
    const configured = { actuators: { scaleOut: { max_pods: 6 } } };
    const wire = await serving(configured);
    const verdicts = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(services, async (one) => {
        wire.models = one.models;
        const here = inProcess(one, configured);
        const there = await overTheWire(wire, one, configured);
        verdicts.set(here.verdict, (verdicts.get(here.verdict) ?? 0) + 1);
        // What bounds an action is not told over the wire.
        if (here.verdict === "Bounded") expect([there.verdict, there.plan]).toEqual(["Unreachable", []]);
        else {
          expect(there).toMatchObject({ verdict: here.verdict, reason: here.reason });
          // Actions that lead to the same state in another order cost the same.
          expect(inOrder(there)).toEqual(inOrder(here));
          expect(there.cost).toBeCloseTo(here.cost, 4);
          expect(there.objectives).toEqual(here.objectives);
        }
        expect(there.cutShort).toBeNull();
      }),
      { numRuns: 150, seed: 11 },
    );
    expect(verdicts.get("Planned")).toBeGreaterThan(20);
    expect(verdicts.get("Fulfilled")).toBeGreaterThan(5);
  }, 120_000);

  it("remove several pods in one plan, each state seen from where the workload is", async () => {
    const calm = intent({ measured: values({ [p99]: 49.758, [rps]: 12.5 }), pods: pods(4) });
    const wire = await serving();
    const { plan } = await overTheWire(wire, calm);
    expect(plan).toEqual(inProcess(calm).plan);
    expect(plan.length).toBeGreaterThan(1);
  });

  it("serve classes of cache and profiles of power too", async () => {
    const annotation = "rdt.resources.beta.kubernetes.io/pod";
    const configured = { actuators: { configureRDT: { annotation_name: annotation } } };
    const classes = models([{ group: "rdt", data: { options: { None: 140, COS1: 110, COS2: 95, COS3: 80 } } }]);
    const one = intent({ measured: values({ [p99]: 139, [rps]: 20 }), models: classes });
    const wire = await serving(configured, ["configureRDT"]);
    wire.models = classes;
    const { plan } = await overTheWire(wire, one, configured);
    expect(plan).toEqual([{ name: "configureRDT", properties: { option: "COS2" } }]);
    // The planner needs to know nothing of classes of cache.
    expect((await overTheWire(wire, one)).plan.map(({ name }) => name)).toEqual(["configureRDT"]);
  });

  it("hand plans and moments to learn to whoever carries them out", async () => {
    const { rig, carrier } = await serving();
    const now = { intent: intent(), profiles };
    const plan = [{ name: "scaleOut", properties: { factor: 2 } }];
    await rig.manager.plugins.perform("scaleOut", now, plan, signal);
    await rig.manager.plugins.effect("scaleCPU", now, signal);
    expect(carrier.performed).toEqual([
      {
        actuator: "scaleOut",
        plan: {
          intent: "default/my-intent",
          target: { kind: "Deployment", name: "default/function-deployment" },
          pods: ["pod_0"],
          resources: intent().resources,
          annotations: new Map(),
          plan,
        },
      },
    ]);
    expect(carrier.learnt).toEqual(["scaleCPU default/my-intent"]);
    carrier.failure = new Error("quota is used up");
    await expect(rig.manager.plugins.perform("scaleOut", now, plan, signal)).rejects.toThrow("Perform failed");
    expect(rig.failures.join()).toContain("quota is used up");
  });
});

describe("our actuators", () => {
  it("that there are not cannot be served", async () => {
    await expect(serving({}, ["configureRDT"])).rejects.toThrow(
      'flags.intentsServe: "configureRDT" is not one of scaleOut, rmPod, scaleCPU',
    );
  });

  it("register again with a planner that has restarted", async () => {
    const { rig, served } = await serving({}, ["scaleOut"]);
    expect(served.ports).toHaveLength(1);
    const address = `127.0.0.1:${rig.manager.port}`;
    await rig.close();
    const again = await newRig({ address });
    await expect.poll(() => again.manager.plugins.names(), { timeout: 20_000 }).toEqual(["scaleOut"]);
  }, 30_000);
});
