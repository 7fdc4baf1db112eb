import { parseWith } from "@walras/kit";
import { Command } from "commander";
import { describe, expect, it } from "vitest";

import { addPluginFlags, checkPluginFlags, type PluginFlags, pluginSchema, pluginSecurityOf } from "./flags.ts";

function flags(...given: readonly string[]): PluginFlags {
  const program = addPluginFlags(new Command()).exitOverride();
  return parseWith(pluginSchema, program.parse(given, { from: "user" }).opts(), "flags");
}

const tls = ["--intents-plugin-tls-cert=c", "--intents-plugin-tls-key=k", "--intents-plugin-tls-ca=a"];

describe("flags of plugins", () => {
  it("take nobody by default", () => {
    expect(pluginSecurityOf(flags())).toEqual({ tokenFile: undefined, tls: undefined, insecure: false });
    expect(() => checkPluginFlags(flags())).not.toThrow();
  });

  it("name a token, TLS, or both", () => {
    const given = flags("--intents-plugin-token-file=t", ...tls);
    checkPluginFlags(given);
    expect(pluginSecurityOf(given)).toEqual({
      tokenFile: "t",
      tls: { certFile: "c", keyFile: "k", caFile: "a" },
      insecure: false,
    });
  });

  it.each([
    [tls.slice(0, 2), 'flags.intentsPluginTlsCert: "c" goes with'],
    [tls.slice(2), "flags.intentsPluginTlsCert: undefined goes with"],
    [["--intents-plugin-insecure", ...tls], "flags.intentsPluginInsecure: true does not go with a token or TLS"],
    [
      ["--intents-plugin-insecure", "--intents-plugin-token-file=t"],
      "flags.intentsPluginInsecure: true does not go with a token or TLS",
    ],
    [["--intents-serve=scaleOut"], "flags.intentsServeManager: undefined is needed with --intents-serve"],
    [
      ["--intents-serve=scaleOut", "--intents-serve-manager=m:33333"],
      "flags.intentsServeHost: undefined is needed with --intents-serve",
    ],
  ])("%j do not go together", (given, complaint) => {
    expect(() => checkPluginFlags(flags(...given))).toThrow(complaint);
  });

  it("that are no address are refused", () => {
    expect(() => flags("--intents-plugin-address=33333")).toThrow(
      'flags.intentsPluginAddress: "33333" is not valid (expected host:port)',
    );
    expect(flags("--intents-serve=scaleOut, rmPod").intentsServe).toEqual(["scaleOut", "rmPod"]);
  });
});
