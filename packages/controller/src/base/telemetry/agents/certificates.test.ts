import { type ChannelCredentials, credentials, Metadata, ServerCredentials, status } from "@grpc/grpc-js";
import { silentLogger, VirtualClock } from "@walras/kit";
import { selfSigned } from "@walras/kit/testing";
import { AgentServiceClient, CgroupVersion } from "@walras/proto";
import { afterEach, describe, expect, it } from "vitest";

import { certificateAuthenticator } from "./authenticator.ts";
import { agentLimits } from "../../bounds/agentLimits.ts";
import { AgentServer } from "./server.ts";
import { aRegistry } from "./testing.ts";

const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0).toReversed()) stop();
});

async function overTls(commonName: string) {
  const clock = new VirtualClock();
  const { cert, key } = await selfSigned(commonName);
  const [chain, secret] = [Buffer.from(cert), Buffer.from(key)];
  const registry = aRegistry(clock);
  const server = new AgentServer({
    address: "127.0.0.1:0",
    credentials: ServerCredentials.createSsl(chain, [{ cert_chain: chain, private_key: secret }], true),
    authenticator: certificateAuthenticator(clock),
    host: registry,
    logger: silentLogger,
    clock,
  });
  await server.start();
  stops.push(() => server.stop());
  return { clock, registry, server, channel: credentials.createSsl(chain, secret, chain) };
}

/** Says Hello. @returns gRPC's status once the stream has ended */
function connected(port: number, channel: ChannelCredentials): () => number | undefined {
  const client = new AgentServiceClient(`localhost:${port}`, channel);
  stops.push(() => client.close());
  const stream = client.connect(new Metadata());
  let code: number | undefined;
  stream.on("data", () => undefined);
  stream.on("error", (error: Error & { readonly code?: number }) => (code = error.code));
  const cgroupVersion = CgroupVersion.CGROUP_VERSION_V2;
  const value = { nodeName: "node-1", bootId: "b", agentVersion: "1", cgroupVersion, pressureAvailable: true };
  stream.write({ message: { $case: "hello", value } });
  return () => code;
}

describe("an agent's certificate", () => {
  it("proves its node over TLS, and keeps the connection", async () => {
    const { clock, registry, server, channel } = await overTls("system:walras-agent:node-1");
    connected(server.port, channel);
    await expect.poll(() => [...registry.nodes()]).toEqual(["node-1"]);
    await clock.advance(agentLimits.helloMs);
    expect([server.connections, [...registry.nodes()]]).toEqual([1, ["node-1"]]);
  });

  it("of another node, or of no agent, opens nothing", async () => {
    for (const name of ["system:walras-agent:node-2", "somebody"]) {
      const { server, channel } = await overTls(name);
      const code = connected(server.port, channel);
      await expect.poll(() => code()).toBe(status.UNAUTHENTICATED);
    }
  });

  it("is looked at again when it ends", async () => {
    const clock = new VirtualClock();
    const authenticator = certificateAuthenticator(clock);
    const shown = {
      token: "",
      certificateName: "system:walras-agent:n",
      certificateUntilMs: clock.wallMs() + 60_000,
      claimedNode: "n",
    };
    expect(await authenticator.authenticate(shown)).toEqual({ node: "n", reviewInMs: 60_000 });
    await clock.advance(60_000);
    await expect(authenticator.authenticate(shown)).rejects.toThrow("has expired");
  });
});
