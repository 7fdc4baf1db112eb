import { Repeating, type Runnable, seededRng, silentLogger } from "@walras/kit";
import { WriteQueue } from "@walras/kube";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { metricsIn, Registry } from "../../../base/ops/registry.ts";
import { Teller } from "../../../base/told/teller.ts";
import { rotation } from "../../../base/trust/rotation.ts";
import type { PatchStep } from "./decide/variables.ts";
import { applied } from "./testing/applied.ts";
import { ask, type Answered } from "./testing/client.ts";
import { names, TestCluster } from "./testing/cluster.ts";
import { reviewOf } from "./testing/review.ts";
import { wireAdmission, type WiredAdmission, type WireAdmissionOptions } from "./wire.ts";

const dayMs = 86_400_000;
/** Before the certificate that is made at the beginning is followed by the next. */
const aheadDays = 61;
let cluster: TestCluster;
let started: Runnable[];

beforeEach(async () => {
  // Clients judge a certificate by the machine's clock.
  cluster = new TestCluster(Date.now() - aheadDays * dayMs);
  await cluster.begin();
  started = [];
});

afterEach(async () => {
  for (const runnable of started.toReversed()) await runnable.stop();
});

interface Replica extends WiredAdmission {
  readonly registry: Registry;
}

function wired(gpuWebhookAddress?: string): Replica {
  const { clock, transport } = cluster;
  const registry = new Registry();
  const around = { clock, logger: silentLogger, rng: seededRng(3) };
  const observer = { finished: () => undefined, waiting: () => undefined };
  const base: WireAdmissionOptions["base"] = {
    transport,
    writes: new WriteQueue({ ...around, perSecond: 1_000, burst: 1_000, observer }),
    make: metricsIn(registry),
    teller: (part, action, verdicts) =>
      new Teller({
        part,
        action,
        verdicts,
        clock,
        events: { record: () => undefined },
        history: { append: () => undefined },
      }),
    repeating: (name, everyMs, run, first = "later") => new Repeating({ ...around, name, everyMs, run, first }),
  };
  const flags = {
    gpuWebhookAddress,
    gpuWebhookService: names.service.name,
    gpuWebhookSecret: names.secret.name,
    gpuWebhookConfiguration: names.configuration,
  };
  const options = { flags, schedulerName: "gpu-scheduler", namespace: names.secret.namespace, around, base };
  return { ...wireAdmission(options), registry };
}

async function running(): Promise<Replica> {
  const replica = wired("127.0.0.1:0");
  for (const runnable of replica.runnables) {
    await runnable.start();
    started.push(runnable);
  }
  await expect.poll(replica.notReady).toEqual([]);
  return replica;
}

/** Asks as the API server does: trusting what the configuration says now. */
async function asked(replica: Replica, body: object = reviewOf()): Promise<Answered> {
  return ask(body, { port: replica.port() ?? 0, ca: (await cluster.trusted()).join("") });
}

interface Response {
  readonly response: {
    readonly uid: string;
    readonly allowed: boolean;
    readonly patch?: string;
    readonly status?: object;
  };
}

const responseIn = ({ text }: Answered): Response["response"] => (JSON.parse(text) as Response).response;

describe("the webhook", () => {
  it("is ready when the API server trusts it, and gives a pod its variable", async () => {
    const replica = wired("127.0.0.1:0");
    expect(replica.notReady()).toEqual(["the webhook's certificate"]);
    const answer = responseIn(await asked(await running()));
    expect([answer.uid, answer.allowed]).toEqual(["u-1", true]);

    const { object } = (reviewOf() as { request: { object: object } }).request;
    const patch = JSON.parse(Buffer.from(answer.patch ?? "", "base64").toString()) as readonly PatchStep[];
    const path = "/api/v1/namespaces/default/pods";
    await cluster.transport.send({ method: "POST", path, body: applied(object, patch) });
    const { spec } = await cluster.read<{ spec: { containers: { env: { name: string }[] }[] } }>(`${path}/web`);
    expect(spec.containers[0]?.env.map(({ name }) => name)).toEqual(["CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"]);
  });

  it("refuses what cannot be understood, and counts what it is asked", async () => {
    const replica = await running();
    const wrong = reviewOf({ metadata: { annotations: { "gpu.walras.io/milli": "1999" } } });
    expect(responseIn(await asked(replica, wrong))).toMatchObject({
      allowed: false,
      status: { message: 'gpu.walras.io/milli: "1999" is neither from 1 to 1000 nor a multiple of 1000' },
    });
    await asked(replica);
    await asked(replica, reviewOf({ spec: { schedulerName: "default-scheduler" } }));
    const malformed = await asked(replica, { kind: "Pod" });
    expect([malformed.status, malformed.text]).toEqual([400, expect.stringContaining("review.apiVersion: undefined")]);
    const metrics = await replica.registry.metrics();
    for (const line of [
      'reviews_total{outcome="refused"} 1',
      'reviews_total{outcome="patched"} 1',
      'reviews_total{outcome="untouched"} 1',
      'turned_away_total{status="400"} 1',
    ])
      expect(metrics).toContain(`walras_gpu_admission_${line}`);
  });

  it("answers everybody while two replicas take the next certificate", async () => {
    await cluster.replica().keeper.keep();
    const first = await cluster.trusted();
    await cluster.clock.advance(aheadDays * dayMs);
    const replicas = [await running(), await running()];
    const serials = new Set<string>();
    for (let halfMinute = 0; halfMinute < 40; halfMinute += 1) {
      for (const replica of replicas) {
        const { status, serial } = await asked(replica);
        serials.add(serial);
        expect(status).toBe(200);
      }
      await cluster.clock.advance(rotation.settleMs / 20);
    }
    expect(serials.size).toBe(2);
    expect((await cluster.trusted()).length).toBe(2);
    expect((await cluster.trusted()).at(-1)).toBe(first[0]);
    for (const replica of replicas) expect(replica.notReady()).toEqual([]);
  });

  it("holds up nobody who starts after it while the API server is slow", async () => {
    const slow = Promise.withResolvers<void>();
    cluster.before = () => slow.promise;
    const replica = wired("127.0.0.1:0");
    for (const runnable of replica.runnables) {
      await runnable.start();
      started.push(runnable);
    }
    expect(replica.notReady()).toEqual(["the webhook's certificate"]);
    slow.resolve();
    await expect.poll(replica.notReady).toEqual([]);
  });

  it("is not there where no address is given", () => {
    const { runnables, notReady, port } = wired();
    expect([runnables, notReady(), port()]).toEqual([[], [], null]);
  });
});
