import { type ClientReadableStream, credentials, loadPackageDefinition, status } from "@grpc/grpc-js";
import { fromJSON } from "@grpc/proto-loader";
import { VirtualClock } from "@walras/kit";
import type { GetMetricSpecResponse, IsActiveResponse } from "@walras/proto/externalscaler";
import { afterEach, describe, expect, it } from "vitest";

import {
  aRef,
  getMetrics,
  getMetricSpec,
  isActive,
  reply,
  type RigOptions,
  type ScalerRig,
  scalerRig,
} from "./testing/rig.ts";

const rigs: ScalerRig[] = [];

async function rig(options?: RigOptions): Promise<ScalerRig> {
  const made = await scalerRig(options);
  rigs.push(made);
  return made;
}

afterEach(async () => {
  for (const made of rigs.splice(0)) await made.close();
});

describe("KEDA's three calls of a poll", () => {
  it("answer specification, value and activity, in integers and floats", async () => {
    const client = (await rig()).client();
    expect(await getMetricSpec(client, aRef())).toEqual({
      metricSpecs: [{ metricName: "available_node_count_30s", targetSize: 1, targetSizeFloat: 1 }],
    });
    expect(await getMetrics(client, aRef())).toEqual({
      metricValues: [{ metricName: "m", metricValue: 3, metricValueFloat: 3 }],
    });
    expect(await isActive(client, aRef())).toEqual({ result: true });
  });

  it("tell value and activity of one moment, also when slots go in between", async () => {
    const { client, answers } = await rig();
    const keda = client();
    for (let poll = 0; poll < 3; poll += 1) {
      answers.value = 3;
      const { metricValues } = await getMetrics(keda, aRef());
      answers.value = 0;
      const { result } = await isActive(keda, aRef());
      expect([metricValues[0]?.metricValueFloat, result]).toEqual([3, true]);
    }
    expect(answers.polls).toBe(3);
  });

  it("forget a poll that was not finished", async () => {
    const clock = new VirtualClock();
    const { client, answers } = await rig({ clock });
    const keda = client();
    await getMetrics(keda, aRef());
    answers.value = 0;
    await clock.advance(1500);
    expect(await isActive(keda, aRef())).toEqual({ result: false });
  });

  it("keep the triggers of one object apart", async () => {
    const { client, answers } = await rig();
    const keda = client();
    await getMetrics(keda, aRef({ demand: "always" }));
    answers.value = 0;
    expect(await isActive(keda, aRef({ demand: "jobs" }))).toEqual({ result: false });
    expect(await isActive(keda, aRef({ demand: "always" }))).toEqual({ result: true });
  });

  it("fail visibly while telemetry is unknown, except for the specification", async () => {
    const { client, answers, answered } = await rig();
    const keda = client();
    answers.loseTelemetry("not current: nodes");
    const expected = { code: status.UNAVAILABLE, details: "not current: nodes" };
    const metrics = getMetrics(keda, aRef());
    await expect(metrics).rejects.toMatchObject(expected);
    await expect(isActive(keda, aRef())).rejects.toMatchObject(expected);
    expect((await getMetricSpec(keda, aRef())).metricSpecs).toHaveLength(1);
    expect(answered.map(({ method, code }) => `${method} ${code}`)).toEqual([
      "GetMetrics UNAVAILABLE",
      "IsActive UNAVAILABLE",
      "GetMetricSpec OK",
    ]);
  });

  it("do not pass off a bug as a number of jobs", async () => {
    const { client, answers } = await rig();
    const keda = client();
    answers.value = Number.NaN;
    const metrics = getMetrics(keda, aRef());
    await expect(metrics).rejects.toMatchObject({ code: status.INTERNAL, details: "NaN is no number of jobs" });
  });
});

describe("a replica that stands by", () => {
  it("sends KEDA away, which then finds who leads behind the same address, and keeps it when it leads itself", async () => {
    let leads = false;
    const { client, answers } = await rig({ accepts: () => leads });
    const keda = client();
    await expect(isActive(keda, aRef())).rejects.toMatchObject({ code: status.UNAVAILABLE });
    expect(answers.polls).toBe(0);
    leads = true;
    await expect.poll(() => isActive(keda, aRef()).catch(() => null), { timeout: 10_000 }).toEqual({ result: true });
  });
});

describe("a trigger's metadata", () => {
  it.each([
    [
      { metricName: "slots", targetSize: "2.5" },
      { metricName: "slots", targetSize: 3, targetSizeFloat: 3 },
    ],
    [{ metricThreshold: "10" }, { metricName: "available_node_count_30s", targetSize: 10, targetSizeFloat: 10 }],
    [{ targetSize: "0.2" }, { metricName: "available_node_count_30s", targetSize: 1, targetSizeFloat: 1 }],
  ])("%j sets the specification", async (metadata, spec) => {
    const keda = (await rig()).client();
    expect((await getMetricSpec(keda, aRef(metadata))).metricSpecs).toEqual([spec]);
  });

  it.each([
    [aRef({ targetSize: "many" }), 'metadata.targetSize: "many" is not a number above 0'],
    [aRef({ metricThreshold: "0" }), 'metadata.metricThreshold: "0" is not a number above 0'],
    [aRef({ targetSize: "" }), 'metadata.targetSize: "" is not a number above 0'],
    [aRef({ metricName: " " }), 'metadata.metricName: " " is empty'],
    [{ ...aRef(), name: "" }, 'scaledObjectRef.name: "" names no ScaledObject or ScaledJob'],
    [{ ...aRef(), namespace: "" }, 'scaledObjectRef.namespace: "" names no namespace of analyzer'],
    [aRef({ metricThreshold: "abc" }), 'metadata.metricThreshold: "abc" is not a number above 0'],
    [aRef({ threshold: "-1" }), 'metadata.threshold: "-1" is not a number above 0'],
    [aRef({ completion: "1" }), 'metadata.completion: "1" is no key of a trigger; did you mean completions?'],
    [
      aRef({ metricTreshold: "1" }),
      'metadata.metricTreshold: "1" is no key of a trigger; did you mean metricThreshold?',
    ],
    [aRef({ Demand: "jobs" }), 'metadata.Demand: "jobs" is no key of a trigger; did you mean demand?'],
    [aRef({ padding: "x" }), 'metadata.padding: "x" is no key of a trigger'],
    [aRef({ selector: "app=x" }), 'metadata.selector: "app=x" is read with a demand only: demand is missing'],
  ])("B6: %j is refused by key and value where KEDA shows it, and never in the specification", async (ref, details) => {
    const keda = (await rig()).client();
    const refused = { code: status.INVALID_ARGUMENT, details };
    await expect(getMetrics(keda, ref)).rejects.toMatchObject(refused);
    await expect(isActive(keda, ref)).rejects.toMatchObject(refused);
    // KEDA takes a ScaledJob whose specification fails for one that is well and has nothing to do.
    expect((await getMetricSpec(keda, ref)).metricSpecs[0]?.targetSizeFloat).toBe(1);
  });

  it("B6: what KEDA reads itself, and what the prototype's ScaledJobs say, is accepted", async () => {
    const keda = (await rig()).client();
    const tls = { enableTLS: "true", unsafeSsl: "false", caCert: "x", tlsClientCert: "x", tlsClientKey: "x" };
    const scalerAddress = "posture-external-scaler.posture.svc.cluster.local:8080";
    const ref = aRef({ scalerAddress, metricName: "available_node_count_30s", threshold: "1", ...tls });
    expect((await getMetrics(keda, ref)).metricValues).toHaveLength(1);
    expect(await isActive(keda, ref)).toEqual({ result: true });
  });

  it("is asked for where a request has none", async () => {
    const keda = (await rig()).client();
    const refused = getMetrics(keda, undefined);
    await expect(refused).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  });
});

/** The contract as it was before streams and floats; field names as an old copy of it spells them. */
const before = fromJSON(
  {
    nested: {
      externalscaler: {
        nested: {
          ExternalScaler: {
            methods: {
              IsActive: { requestType: "ScaledObjectRef", responseType: "IsActiveResponse" },
              GetMetrics: { requestType: "GetMetricsRequest", responseType: "GetMetricsResponse" },
            },
          },
          ScaledObjectRef: {
            fields: {
              name: { type: "string", id: 1 },
              namespace: { type: "string", id: 2 },
              scaler_metadata: { keyType: "string", type: "string", id: 3 },
              later: { type: "string", id: 17 },
            },
          },
          IsActiveResponse: { fields: { result: { type: "bool", id: 1 } } },
          GetMetricsRequest: {
            fields: {
              scaled_object_ref: { type: "ScaledObjectRef", id: 1 },
              metric_name: { type: "string", id: 2 },
            },
          },
          GetMetricsResponse: { fields: { metric_values: { rule: "repeated", type: "MetricValue", id: 1 } } },
          MetricValue: { fields: { metric_name: { type: "string", id: 1 }, metric_value: { type: "int64", id: 2 } } },
        },
      },
    },
  } as unknown as Parameters<typeof fromJSON>[0],
  { longs: Number, keepCase: true },
);

describe("a client of another version", () => {
  it("reads integers, and what it says that is not known is passed over", async () => {
    const { target, answers } = await rig();
    answers.value = 2.2;
    const { externalscaler } = loadPackageDefinition(before) as unknown as {
      externalscaler: { ExternalScaler: new (target: string, with_: object) => OldClient };
    };
    const client = new externalscaler.ExternalScaler(target, credentials.createInsecure());
    const ref = { name: "j", namespace: "n", scaler_metadata: { metricName: "m" }, later: "!" };
    const request = { scaled_object_ref: ref, metric_name: "s0-m" };
    expect(await reply((done) => client.GetMetrics(request, done))).toEqual({
      metric_values: [{ metric_name: "s0-m", metric_value: 3 }],
    });
    client.close();
  });
});

interface OldClient {
  GetMetrics(request: object, done: (error: null, reply: object) => void): unknown;
  close(): void;
}

describe("a stream", () => {
  it("begins with what is and tells each change", async () => {
    const clock = new VirtualClock();
    const { client, answers, server } = await rig({ clock });
    const stream = client().streamIsActive(aRef());
    const heard = collect(stream);
    await expect.poll(() => heard.messages).toEqual([{ result: true }]);
    await clock.advance(5000);
    answers.value = 0;
    await clock.advance(5000);
    await expect.poll(() => heard.messages).toEqual([{ result: true }, { result: false }]);
    stream.cancel();
    await expect.poll(() => server.openStreams).toBe(0);
    const { polls } = answers;
    await clock.advance(60_000);
    expect(answers.polls).toBe(polls);
  });

  it("fails when telemetry is lost", async () => {
    const clock = new VirtualClock();
    const { client, answers, server } = await rig({ clock });
    const heard = collect(client().streamIsActive(aRef()));
    await expect.poll(() => heard.messages).toHaveLength(1);
    answers.loseTelemetry("not current: pods");
    await clock.advance(5000);
    await expect.poll(() => heard.end).toMatchObject({ code: status.UNAVAILABLE, details: "not current: pods" });
    expect(server.openStreams).toBe(0);
  });

  it("of specifications tells the present one and stays open until the server stops", async () => {
    const made = await rig();
    const heard = collect<GetMetricSpecResponse>(made.client().streamMetricSpec(aRef({ targetSize: "2" })));
    await expect.poll(() => heard.messages).toHaveLength(1);
    expect(heard.messages[0]?.metricSpecs[0]?.targetSizeFloat).toBe(2);
    expect(heard.end).toBeNull();
    await made.server.stop();
    await expect.poll(() => heard.end).toMatchObject({ code: status.OK });
  });

  it("of nobody is refused", async () => {
    const heard = collect((await rig()).client().streamIsActive({ ...aRef(), name: "" }));
    await expect.poll(() => heard.end).toMatchObject({ code: status.INVALID_ARGUMENT });
    expect(heard.messages).toEqual([]);
  });
});

interface Heard<Message> {
  readonly messages: Message[];
  end: { code: status; details: string } | null;
}

function collect<Message = IsActiveResponse>(stream: ClientReadableStream<Message>): Heard<Message> {
  const heard: Heard<Message> = { messages: [], end: null };
  stream.on("data", (message: Message) => heard.messages.push(message));
  stream.on("error", () => undefined);
  stream.on("status", ({ code, details }) => {
    heard.end = { code, details };
  });
  return heard;
}
