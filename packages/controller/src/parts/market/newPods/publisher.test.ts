import {
  creationProfileCrd,
  creationProfileName,
  creationProfileResource,
  type CreationProfileSpec,
} from "@walras/api";
import { Repeating, seededRng, silentLogger, VirtualClock } from "@walras/kit";
import { collectionPath, WriteQueue } from "@walras/kube";
import { ApiServer, inProcessTransport, type KubeObject } from "@walras/sim/apiserver";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { gatedWrites } from "../../../base/access/gate.ts";
import { creationPort } from "./port.ts";
import { CreationPublisher } from "./publisher.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const memoryMs = 24 * hourMs;

let clock: VirtualClock;
let api: ApiServer;
let leads: boolean;
let wanted: Map<string, CreationProfileSpec> | null;
let running: Repeating | undefined;
let writes: string[];

/** What is to be written, and what a habit and trust in it have come to. */
function spec(habitMilli: number, trustPercent = 100, part: Partial<CreationProfileSpec> = {}): CreationProfileSpec {
  const app = { habitMilli, trustPercent, leastMilli: 0 };
  return { validUntil: valid(), overbook: 4, minMilli: 0, workloads: { "Deployment/cart": { app } }, ...part };
}

const valid = (): string => new Date(clock.wallMs() + memoryMs).toISOString();

async function begin(): Promise<void> {
  const around = { clock, rng: seededRng(1), logger: silentLogger };
  const transport = inProcessTransport(api, "walras");
  const counting: typeof transport = {
    ...transport,
    send: (request) => {
      if (request.method !== "GET") writes.push(`${request.method} ${request.path.split("/").at(-3)}`);
      return transport.send(request);
    },
  };
  const observer = { finished: () => undefined, waiting: () => undefined };
  const queue = new WriteQueue({ ...around, perSecond: 100, burst: 100, observer });
  const publisher = new CreationPublisher({
    port: creationPort(counting),
    writes: gatedWrites(queue, { mayAct: () => leads, why: () => [] }),
    wanted: () =>
      wanted && new Map([...wanted].map(([namespace, one]) => [namespace, { ...one, validUntil: valid() }])),
    memoryMs,
    mayAct: () => leads,
    clock,
  });
  running = new Repeating({ ...around, name: "sizes", everyMs: 30_000, run: (signal) => publisher.run(signal) });
  await running.start();
  await clock.advance(30_000);
}

function stored(namespace = "default"): (KubeObject & { readonly spec: CreationProfileSpec }) | undefined {
  const found = api.store.get("creationprofiles.allocation.mbcas.io", namespace, creationProfileName);
  return found as ReturnType<typeof stored>;
}

async function put(body: CreationProfileSpec): Promise<void> {
  const { apiVersion, kind } = creationProfileResource;
  const object = { apiVersion, kind, metadata: { name: creationProfileName }, spec: body };
  const path = collectionPath(creationProfileResource, "default");
  await inProcessTransport(api).send({ method: "POST", path, body: object });
}

const habit = (): number | undefined => stored()?.spec.workloads["Deployment/cart"]?.["app"]?.habitMilli;

beforeEach(async () => {
  clock = new VirtualClock(Date.UTC(2026, 0, 5));
  api = new ApiServer({ clock, rng: seededRng(7) });
  leads = true;
  wanted = new Map();
  writes = [];
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  await inProcessTransport(api).send({ method: "POST", path, body: creationProfileCrd() });
});

afterEach(() => running?.stop());

describe("what new pods are sized by is written", () => {
  it("once, and again when it grows old, so that it is valid for three quarters of a memory at least", async () => {
    wanted?.set("default", spec(100));
    await begin();
    expect(habit()).toBe(100);
    for (let hour = 0; hour < 24; hour += 1) {
      await clock.advance(hourMs);
      expect(Date.parse(stored()?.spec.validUntil ?? "") - clock.wallMs()).toBeGreaterThan(0.74 * memoryMs);
    }
    expect(writes.length).toBeLessThanOrEqual(5);
  });

  it("again within ten minutes where it has come down, and at once where new pods would get too little", async () => {
    wanted?.set("default", spec(100));
    await begin();
    wanted?.set("default", spec(60));
    await clock.advance(5 * minuteMs);
    expect(habit()).toBe(100);
    await clock.advance(5 * minuteMs);
    expect(habit()).toBe(60);
    wanted?.set("default", spec(65));
    await clock.advance(hourMs);
    expect(habit()).toBe(60);
    wanted?.set("default", spec(90));
    await clock.advance(30_000);
    expect(habit()).toBe(90);
    wanted?.set("default", spec(90, 80));
    await clock.advance(30_000);
    expect(stored()?.spec.workloads["Deployment/cart"]?.["app"]?.trustPercent).toBe(80);
    wanted?.set("default", spec(90, 80, { minMilli: 95 }));
    await clock.advance(30_000);
    expect(stored()?.spec.minMilli).toBe(95);
  });

  it("without a workload at once that must not be sized any more, and not at all where nobody is", async () => {
    const two = spec(100).workloads["Deployment/cart"]!;
    wanted?.set("default", spec(100, 100, { workloads: { "Deployment/cart": two, "Deployment/web": two } }));
    await begin();
    wanted?.set("default", spec(100));
    await clock.advance(30_000);
    expect(Object.keys(stored()?.spec.workloads ?? {})).toEqual(["Deployment/cart"]);
    wanted?.clear();
    await clock.advance(30_000);
    expect(stored()).toBeUndefined();
  });

  it("by the leader alone, and not before what is remembered has been read", async () => {
    wanted = null;
    await put(spec(100));
    await begin();
    expect(stored()).toBeDefined();
    wanted = new Map([["default", spec(500)]]);
    leads = false;
    await clock.advance(hourMs);
    expect(writes).toEqual([]);
    leads = true;
    await clock.advance(30_000);
    expect(habit()).toBe(500);
  });
});

describe("what is there when a controller begins", () => {
  it("stays where it says the same", async () => {
    await put(spec(100));
    wanted?.set("default", spec(104));
    await begin();
    await clock.advance(hourMs);
    expect(writes).toEqual([]);
  });

  it("goes where nobody is to be sized any more", async () => {
    await put(spec(100));
    await begin();
    expect(stored()).toBeUndefined();
  });
});
