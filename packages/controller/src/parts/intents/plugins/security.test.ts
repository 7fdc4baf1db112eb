import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ChannelCredentials, Metadata, status } from "@grpc/grpc-js";
import { silentLogger, systemClock, VirtualClock } from "@walras/kit";
import { selfSigned } from "@walras/kit/testing";
import { ActuatorPluginClient, RegistrationClient, type RegistrationStatusResponse } from "@walras/proto/plugins";
import { afterEach, describe, expect, it } from "vitest";

import { configOf, intent, models } from "../decide/testing.ts";
import { decideWithPlugins } from "./planning.ts";
import { PluginSecurity, tokenHeader } from "./security.ts";
import { Proposer } from "./serve/proposer.ts";
import { ServedActuators } from "./serve/served.ts";
import { FakeCarrier } from "./serve/testing.ts";
import { snapshotOf } from "./testing/fakePlugins.ts";
import { closeRigs, newRig, situation } from "./testing/rig.ts";

const folder = mkdtempSync(join(tmpdir(), "plugins-"));
afterEach(closeRigs);

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const tokenFile = file("token", "secret\n");

describe("with a token", () => {
  it("a plugin that has it registers, and is shown it in turn", async () => {
    const own = await newRig({ security: { tokenFile } });
    const double = await own.joined({ name: "scaleOut", token: "secret" });
    const signal = new AbortController().signal;
    const now = situation();
    const state = { ...now.intent, objectives: new Map([["a", 1]]) };
    await own.manager.plugins.propose({ intent: now.intent.name, actuator: "scaleOut", key: "", state }, now, signal);
    expect(double.metadata[0]?.get(tokenHeader)).toEqual(["secret"]);
  });

  it.each([
    [undefined, `${tokenHeader} is missing`],
    ["", `${tokenHeader} is wrong`],
    ["secre7", `${tokenHeader} is wrong`],
    ["secret and more", `${tokenHeader} is wrong`],
  ])("a plugin that shows %j does not", async (token, details) => {
    const own = await newRig({ security: { tokenFile } });
    const double = await own.double({ name: "scaleOut", ...(token !== undefined && { token }) });
    await expect(double.register(own.manager.port)).rejects.toMatchObject({ code: status.UNAUTHENTICATED, details });
    expect(own.refusals).toEqual([details]);
    expect(own.manager.plugins.names()).toEqual([]);
  });

  it("that is empty nothing starts: it would let everybody in", async () => {
    const empty = file("empty", "\n");
    await expect(newRig({ security: { tokenFile: empty } })).rejects.toThrow(
      `security.tokenFile: "${empty}" has a token of 0 characters`,
    );
  });

  it("that is not there yet nobody is let in before it is", async () => {
    const late = join(folder, "late");
    const own = await newRig({ security: { tokenFile: late } });
    const double = await own.double({ name: "scaleOut", token: "secret" });
    const details = "the token cannot be read here, and nobody is let in";
    await expect(double.register(own.manager.port)).rejects.toMatchObject({ code: status.UNAUTHENTICATED, details });
    writeFileSync(late, "secret\n");
    await double.register(own.manager.port);
    expect(own.manager.plugins.names()).toEqual(["scaleOut"]);
  });

  it("that is replaced the new one counts, and where it is lost nobody is let in", async () => {
    const clock = new VirtualClock();
    const changing = file("changing", "old");
    const security = new PluginSecurity({ tokenFile: changing }, clock);
    const shown = (token: string): string | null => {
      const metadata = new Metadata();
      metadata.set(tokenHeader, token);
      return security.refusal(metadata);
    };
    expect([shown("old"), shown("new")]).toEqual([null, `${tokenHeader} is wrong`]);
    writeFileSync(changing, "new");
    await clock.advance(30_000);
    expect([shown("old"), shown("new")]).toEqual([`${tokenHeader} is wrong`, null]);
    writeFileSync(changing, "");
    await clock.advance(30_000);
    expect(shown("")).toBe("the token cannot be read here, and nobody is let in");
    expect(() => security.metadata()).toThrow(`security.tokenFile: "${changing}" has a token of 0 characters`);
  });
});

describe("without a token and TLS", () => {
  it("the port listens and takes nobody, unless that is asked for", async () => {
    const closed = await newRig({ security: {} });
    const double = await closed.double({ name: "scaleOut", token: "anything" });
    await expect(double.register(closed.manager.port)).rejects.toMatchObject({
      code: status.UNAUTHENTICATED,
      details: "no plugins are taken: neither a token nor TLS is set up",
    });
    const open = await newRig({ security: { insecure: true } });
    expect((await double.register(open.manager.port)).pluginRegistered).toBe(true);
  });
});

describe("with TLS", () => {
  async function pair(
    name: string,
  ): Promise<{ readonly certFile: string; readonly keyFile: string; readonly caFile: string }> {
    const { cert, key } = await selfSigned(name);
    const certFile = file(`${name}.crt`, cert);
    return { certFile, keyFile: file(`${name}.key`, key), caFile: certFile };
  }

  function register(port: number, channel: ChannelCredentials): Promise<RegistrationStatusResponse> {
    const client = new RegistrationClient(`localhost:${port}`, channel);
    return new Promise((resolve, reject) => {
      client.register({}, new Metadata(), (error, response) => {
        client.close();
        if (error) reject(error);
        else resolve(response);
      });
    });
  }

  it("whoever shows a certificate of the authority is heard, and nobody else", async () => {
    const tls = await pair("planner");
    const own = await newRig({ security: { tls } });
    const trusted = new PluginSecurity({ tls }, systemClock).channelCredentials();
    expect((await register(own.manager.port, trusted)).error).toBe("p_info is missing");
    const stranger = new PluginSecurity({ tls: { ...(await pair("stranger")), caFile: tls.caFile } }, systemClock);
    await expect(register(own.manager.port, stranger.channelCredentials())).rejects.toMatchObject({
      code: status.UNAVAILABLE,
    });
    await expect(register(own.manager.port, ChannelCredentials.createInsecure())).rejects.toMatchObject({
      code: status.UNAVAILABLE,
    });
  });

  it("plugins are connected to by TLS as well, with a token besides", async () => {
    const security = { tls: await pair("both"), tokenFile };
    const own = await newRig({ security });
    const served = new ServedActuators({
      names: ["scaleOut"],
      host: "127.0.0.1",
      port: 0,
      advertisedHost: "localhost",
      manager: `localhost:${own.manager.port}`,
      security,
      proposer: new Proposer({
        config: configOf(),
        models: { modelsFor: () => models() },
        clock: systemClock,
      }),
      carrier: new FakeCarrier(),
      clock: systemClock,
      logger: silentLogger,
    });
    await served.start();
    await expect.poll(() => own.manager.plugins.names(), { timeout: 5_000 }).toEqual(["scaleOut"]);
    const planning = { config: configOf(), plugins: own.manager.plugins, clock: systemClock };
    const [decision] = await decideWithPlugins(planning, snapshotOf(intent()), new AbortController().signal);
    expect(decision?.plan).toEqual([{ name: "scaleOut", properties: { factor: 3 } }]);
    const endpoint = `localhost:${served.ports[0]}`;
    const stranger = new ActuatorPluginClient(endpoint, new PluginSecurity(security, systemClock).channelCredentials());
    const code = await new Promise((resolve) =>
      stranger.perform({ plan: [] }, new Metadata(), (error) => resolve(error?.code)),
    );
    expect(code).toBe(status.UNAUTHENTICATED);
    const stream = stranger.nextState(new Metadata());
    stream.on("data", () => undefined);
    expect(await new Promise((resolve) => stream.on("error", resolve))).toMatchObject({
      code: status.UNAUTHENTICATED,
      details: `${tokenHeader} is missing`,
    });
    stranger.close();
    await served.stop();
  });

  it("a file that cannot be read is named", () => {
    const tls = { certFile: "/none", keyFile: "/none", caFile: "/none" };
    const security = new PluginSecurity({ tls }, systemClock);
    expect(() => security.channelCredentials()).toThrow('security.tls.caFile: "/none" cannot be read');
  });
});
