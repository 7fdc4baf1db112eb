import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { loadEndpoint } from "./config.ts";
import { serviceAccountEndpoint } from "./serviceAccount.ts";

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
    const endpoint = await load(cluster, user);
    expect(endpoint).toMatchObject({
      server: "https://api.example:6443",
      caPem: "CA",
      serverName: "inner",
      certPem: "CERT",
      keyPem: "KEY",
    });
    expect(await endpoint.token()).toBe("T");
  });

  test("may name files, beside itself too", async () => {
    writeFileSync(join(folder, "ca.crt"), "CA FILE");
    expect((await load({ "certificate-authority": "ca.crt" }, {})).caPem).toBe("CA FILE");
  });

  test("may name a token file, which is read again as it is replaced", async () => {
    const file = join(folder, "token");
    writeFileSync(file, "first\n");
    const { token } = await load({}, { "auth-provider": { name: "tokenFile", config: { tokenFile: file } } });
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
    expect(await (await load({}, { exec })).token()).toBe("P");
  });

  test("that would not verify the server is refused, naming the field", async () => {
    await expect(load({ "insecure-skip-tls-verify": true }, {})).rejects.toThrow(
      /insecure-skip-tls-verify: true is refused/,
    );
  });

  test("that names a context it has not is told by that name, and what is not of its kind by its field", async () => {
    const file = kubeconfig({}, {});
    writeFileSync(file, readFileSync(file, "utf8").replace('"current-context":"c"', '"current-context":"other"'));
    await expect(loadEndpoint(file, () => 0)).rejects.toThrow(/current-context: "other" names no cluster/);
    await expect(load({ server: 7 }, {})).rejects.toThrow(/clusters\.0\.cluster\.server: 7 is not valid/);
  });

  test("that is not there is named", async () => {
    await expect(loadEndpoint("/nowhere/config", () => 0)).rejects.toThrow("kubeconfig /nowhere/config cannot be read");
  });
});

describe("a pod's service account", () => {
  const env = { KUBERNETES_SERVICE_HOST: "10.96.0.1", KUBERNETES_SERVICE_PORT: "6443" };

  test("tells the server and the authority, and a token that is read again", async () => {
    writeFileSync(join(folder, "token"), "first\n");
    writeFileSync(join(folder, "ca.crt"), "CA");
    const endpoint = serviceAccountEndpoint(env, () => nowMs, folder);
    expect(endpoint).toMatchObject({ server: "https://10.96.0.1:6443", caPem: "CA" });
    expect(await endpoint?.token()).toBe("first");
    writeFileSync(join(folder, "token"), "second\n");
    nowMs = 31_000;
    expect(await endpoint?.token()).toBe("second");
  });

  test("may be reached by IPv6", () => {
    writeFileSync(join(folder, "token"), "T");
    writeFileSync(join(folder, "ca.crt"), "CA");
    const endpoint = serviceAccountEndpoint({ ...env, KUBERNETES_SERVICE_HOST: "fd00::1" }, () => 0, folder);
    expect(endpoint?.server).toBe("https://[fd00::1]:6443");
  });

  test("is not taken outside of a pod, nor where KUBECONFIG names another", () => {
    writeFileSync(join(folder, "token"), "T");
    expect(serviceAccountEndpoint({}, () => 0, folder)).toBeUndefined();
    expect(serviceAccountEndpoint({ ...env, KUBECONFIG: "/other" }, () => 0, folder)).toBeUndefined();
  });
});
