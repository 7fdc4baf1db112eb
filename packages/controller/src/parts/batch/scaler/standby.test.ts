import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type ChannelCredentials, credentials } from "@grpc/grpc-js";
import { ServiceDouble } from "@walras/kit/testing";
import { ExternalScalerClient } from "@walras/proto/externalscaler";
import { afterEach, describe, expect, it } from "vitest";

import { testAuthority, writeIdentity } from "./testing/authority.ts";
import { aRef, getMetricSpec, isActive, type RigOptions, type ScalerRig, scalerRig } from "./testing/rig.ts";

const stops: (() => unknown)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function rig(options: RigOptions): Promise<ScalerRig> {
  const made = await scalerRig(options);
  stops.push(() => made.close());
  return made;
}

async function standby(options: RigOptions = {}): Promise<ScalerRig> {
  const made = await rig({ ...options, accepts: () => false });
  made.answers.loseTelemetry("this replica does not lead");
  return made;
}

interface Spoken {
  readonly options: RigOptions;
  readonly channel: ChannelCredentials;
}

async function encrypted(): Promise<Spoken> {
  const authority = await testAuthority();
  const folder = await mkdtemp(join(tmpdir(), "standby-"));
  stops.push(() => rm(folder, { recursive: true }));
  const tls = { certFile: join(folder, "tls.crt"), keyFile: join(folder, "tls.key") };
  await writeIdentity(tls, await authority.issue("scaler"));
  return { options: { tls }, channel: credentials.createSsl(Buffer.from(authority.certificate)) };
}

describe("a replica that stands by", () => {
  it.each([
    ["in plain text", (): Promise<Spoken> => Promise.resolve({ options: {}, channel: credentials.createInsecure() })],
    ["by TLS", encrypted],
  ])(
    "is left for who leads, however often it is met first, %s",
    async (_, speak) => {
      const { options, channel } = await speak();
      const idle = await standby(options);
      const leader = await rig(options);
      const first = Array.from({ length: 5 }, () => idle.server.port);
      const service = await ServiceDouble.over([...first, leader.server.port]);
      stops.push(() => service.close());
      const keda = new ExternalScalerClient(`localhost:${service.port}`, channel);
      stops.push(() => keda.close());
      // With a backoff for each failed connection it takes 16 s.
      await expect
        .poll(() => isActive(keda, aRef()).catch(() => null), { timeout: 10_000, interval: 100 })
        .toEqual({ result: true });
      expect(service.connections).toBe(first.length + 1);
      for (let call = 0; call < 20; call += 1) await getMetricSpec(keda, aRef());
      expect(service.connections).toBe(first.length + 1);
    },
    20_000,
  );

  it("keeps nobody, also where a stream is open", async () => {
    const { server, client } = await standby();
    const stream = client().streamMetricSpec(aRef());
    let told = 0;
    stream.on("data", () => (told += 1));
    await new Promise((resolve) => stream.on("error", resolve).on("end", resolve));
    expect(told).toBe(1);
    await expect.poll(() => server.openStreams).toBe(0);
  });

  it("lets whoever speaks HTTP/1 in: views are for both", async () => {
    const { server } = await standby({ http1: (socket) => socket.end("HTTP/1.1 204 No Content\r\n\r\n") });
    expect((await fetch(`http://127.0.0.1:${server.port}/eligible`)).status).toBe(204);
  });
});
