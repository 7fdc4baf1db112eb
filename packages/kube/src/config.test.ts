import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { loadEndpoint } from "./config.ts";

let folder: string;
let nowMs: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  nowMs = 0;
});

afterEach(() => rmSync(folder, { recursive: true }));

function kubeconfig(cluster: object, user: object): string {
  const file = join(folder, "config");
  const document = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "c",
    contexts: [{ name: "c", context: { cluster: "k", user: "u" } }],
    clusters: [{ name: "k", cluster: { server: "https://api.example:6443/", ...cluster } }],
    users: [{ name: "u", user }],
  };
  writeFileSync(file, JSON.stringify(document));
  return file;
}

function load(cluster: object, user: object): ReturnType<typeof loadEndpoint> {
  return loadEndpoint(kubeconfig(cluster, user), () => nowMs);
}

describe("a kubeconfig", () => {
  test("tells the server, what to trust and what to show", async () => {
    const data = (text: string): string => Buffer.from(text).toString("base64");
    const cluster = { "certificate-authority-data": data("CA"), "tls-server-name": "inner" };
    const user = { "client-certificate-data": data("CERT"), "client-key-data": data("KEY"), token: "T" };
    const endpoint = load(cluster, user);
    expect(endpoint).toMatchObject({
      server: "https://api.example:6443",
      caPem: "CA",
      serverName: "inner",
      certPem: "CERT",
      keyPem: "KEY",
    });
    expect(await endpoint.token()).toBe("T");
  });

  test("may name files, beside itself too", () => {
    writeFileSync(join(folder, "ca.crt"), "CA FILE");
    expect(load({ "certificate-authority": "ca.crt" }, {}).caPem).toBe("CA FILE");
  });

  test("may name a token file, which is read again as it is replaced", async () => {
    const file = join(folder, "token");
    writeFileSync(file, "first\n");
    const { token } = load({}, { "auth-provider": { name: "tokenFile", config: { tokenFile: file } } });
    expect(await token()).toBe("first");
    writeFileSync(file, "second\n");
    nowMs = 29_000;
    expect(await token()).toBe("first");
    nowMs = 31_000;
    expect(await token()).toBe("second");
  });

  test("may name a plugin, which is run for the token", async () => {
    const plugin = join(folder, "plugin");
    const credential = {
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      status: { token: "P" },
    };
    writeFileSync(plugin, `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`);
    chmodSync(plugin, 0o755);
    const exec = { apiVersion: credential.apiVersion, command: plugin, interactiveMode: "Never" };
    expect(await load({}, { exec }).token()).toBe("P");
  });

  test("that would not verify the server is refused, naming the field", () => {
    expect(() => load({ "insecure-skip-tls-verify": true }, {})).toThrow(/^insecure-skip-tls-verify: true is refused/);
  });

  test("that is not there is named", () => {
    expect(() => loadEndpoint("/nowhere/config", () => 0)).toThrow("kubeconfig /nowhere/config cannot be read");
  });
});
