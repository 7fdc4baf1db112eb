import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ChannelCredentials, Metadata, status } from "@grpc/grpc-js";
import { systemClock } from "@walras/kit";
import { selfSigned } from "@walras/kit/testing";
import { RegistrationClient, type RegistrationStatusResponse } from "@walras/proto/plugins";
import { afterEach, describe, expect, it } from "vitest";

import { PluginSecurity, tokenHeader } from "./security.ts";
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
    const { intent, profiles } = situation();
    const state = { ...intent, objectives: new Map([["a", 1]]) };
    await own.manager.plugins.propose(
      { intent: intent.name, actuator: "scaleOut", key: "", state },
      { intent, profiles },
      signal,
    );
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

  it("that is empty nobody registers: it would let everybody in", async () => {
    const empty = file("empty", "\n");
    const own = await newRig({ security: { tokenFile: empty } });
    const double = await own.double({ name: "scaleOut", token: "" });
    await expect(double.register(own.manager.port)).rejects.toMatchObject({
      code: status.INTERNAL,
      details: `security.tokenFile: "${empty}" has a token of 0 characters`,
    });
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

  it("a file that cannot be read is named", () => {
    const tls = { certFile: "/none", keyFile: "/none", caFile: "/none" };
    const security = new PluginSecurity({ tls }, systemClock);
    expect(() => security.channelCredentials()).toThrow('security.tls.caFile: "/none" cannot be read');
  });
});
