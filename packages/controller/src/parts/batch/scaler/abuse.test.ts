import { connect, type Socket } from "node:net";

import { status } from "@grpc/grpc-js";
import { VirtualClock } from "@walras/kit";
import { afterEach, describe, expect, it } from "vitest";

import type { ScaledRef } from "../decide/asker.ts";
import { scalerLimits } from "./limits.ts";
import { PollSnapshots } from "./snapshots.ts";
import { aRef, getMetrics, getMetricSpec, isActive, type ScalerRig, scalerRig } from "./testing/rig.ts";
import { scaledRefOf } from "./trigger.ts";

const stops: (() => unknown)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function rig(): Promise<ScalerRig> {
  const made = await scalerRig();
  stops.push(() => made.close());
  return made;
}

describe("a caller of the scaler", () => {
  it("that sends 240 KB of metadata is refused, and nothing of it is kept", async () => {
    const { client, answers } = await rig();
    const refused = getMetrics(client(), aRef({ padding: "x".repeat(240_000) }));
    await expect(refused).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(answers.polls).toBe(0);
  });

  it("is remembered by what is used of its metadata alone", () => {
    const { metadata } = scaledRefOf(
      aRef({ demand: "jobs", selector: "a=b", scalerAddress: "x:1", caCert: "x".repeat(60_000), __proto__: "y" }),
    );
    expect(metadata).toEqual({ demand: "jobs", selector: "a=b" });
  });

  it.each([
    ["metadata.query", aRef({ query: "x".repeat(scalerLimits.metadataValueChars + 1) })],
    ["metadata.xxx", aRef({ ["x".repeat(40_000)]: "1" })],
    ["metadata.completions", aRef({ completions: "1".repeat(40_000) })],
    ["scaledObjectRef.name", { ...aRef(), name: "x".repeat(300) }],
    ["scaledObjectRef.namespace", { ...aRef(), namespace: "x".repeat(300) }],
  ])("that says too much in %s is refused in few words", async (field, ref) => {
    const { client } = await rig();
    const keda = client();
    const error = await getMetrics(keda, ref).catch((thrown: unknown) => thrown as { code: number; details: string });
    expect(error).toMatchObject({ code: status.INVALID_ARGUMENT, details: expect.stringContaining(field) as string });
    expect((error as { details: string }).details.length).toBeLessThanOrEqual(256);
    expect((await getMetricSpec(keda, aRef())).metricSpecs).toHaveLength(1);
  });

  it("is answered in what HTTP/2 can carry, wherever its own words were cut", async () => {
    const { client, answers } = await rig();
    const keda = client();
    for (const padding of ["", "x"]) {
      const refused = getMetrics(keda, aRef({ targetSize: `${padding}${"😀".repeat(400)}` }));
      await expect(refused).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
      answers.failure = new Error(`${padding}${"😀".repeat(400)}`);
      await expect(isActive(keda, aRef())).rejects.toMatchObject({ code: status.INTERNAL });
    }
    answers.failure = null;
    expect(await isActive(keda, aRef())).toEqual({ result: true });
  });

  it("does not fill the memory of polls by names that it makes up", async () => {
    let polls = 0;
    const answers = {
      poll: () => {
        polls += 1;
        return { value: 1, active: true };
      },
    };
    const snapshots = new PollSnapshots(answers, new VirtualClock());
    const ref = (one: number): ScaledRef => ({ namespace: "n", name: `made-up-${one}`, metadata: {} });
    for (let one = 0; one <= scalerLimits.snapshots; one += 1) await snapshots.ask(ref(one), "value");
    await snapshots.ask(ref(0), "active");
    expect(polls).toBe(scalerLimits.snapshots + 2);
    await snapshots.ask(ref(scalerLimits.snapshots), "active");
    expect(polls).toBe(scalerLimits.snapshots + 2);
  });

  it("holds so many connections at most, and a new one is served", async () => {
    const { client, server } = await rig();
    const sockets: Socket[] = [];
    for (let one = 0; one < scalerLimits.newConnectionsPerSecond; one += 1) {
      const socket = connect(server.port, "127.0.0.1").resume();
      socket.on("error", () => undefined);
      sockets.push(socket);
    }
    stops.push(() => sockets.forEach((socket) => socket.destroy()));
    await expect.poll(() => sockets.every(({ connecting }) => !connecting)).toBe(true);
    await expect.poll(() => isActive(client(), aRef()).catch(() => null)).toEqual({ result: true });
    expect(server.connections).toBeLessThanOrEqual(scalerLimits.connections);
  });
});
