import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { writeKubeconfig } from "@walras/sim";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { applied, marketCluster, TestCluster } from "./testing.ts";
import { exitCodes } from "./failure.ts";

const main = join(import.meta.dirname, "main.ts");
const folder = mkdtempSync(join(tmpdir(), "walras-cli-"));
const closers: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
  rmSync(folder, { recursive: true, force: true });
});

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode?: number | undefined;
}

function walras(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return execa(process.execPath, [main, ...args], {
    reject: false,
    stdin: "ignore",
    extendEnv: false,
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, ...env },
  });
}

/** A kubeconfig for whatever answers at a URL. */
function kubeconfigOf(name: string, url: string): string {
  const file = join(folder, name);
  writeKubeconfig(file, url);
  return file;
}

async function served(cluster: TestCluster, name: string): Promise<string> {
  const { url, close } = await cluster.server.listen(0);
  closers.push(close);
  return kubeconfigOf(name, url);
}

/** An API server that answers everything with one refusal. */
async function refusing(status: number, reason: string): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(
      JSON.stringify({
        kind: "Status",
        status: "Failure",
        reason,
        code: status,
        message: `pods is ${reason.toLowerCase()}`,
      }),
    );
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  return kubeconfigOf(reason, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

let market = "";
beforeAll(async () => {
  const cluster = await marketCluster();
  await cluster.managed({ name: "web" }, {}, applied);
  market = await served(cluster, "market");
});

describe("walras", () => {
  it.each([
    [["--help"], exitCodes.done],
    [["--version"], exitCodes.done],
    [["carla", "plan", "--help"], exitCodes.done],
    [["nonsense"], exitCodes.usage],
    [["top", "--nonsense"], exitCodes.usage],
    [["top", "-o", "xml"], exitCodes.usage],
    [["explain", "planet", "earth"], exitCodes.usage],
    [["savings", "--price", "cheap"], exitCodes.usage],
    [["simulate", "no-such-file"], exitCodes.usage],
  ])("%j ends with %i", async (args, code) => {
    const { exitCode, stderr } = await walras(args);
    expect([exitCode, stderr.includes("    at ")]).toEqual([code, false]);
    if (code === exitCodes.usage) expect(stderr).not.toBe("");
  });

  it.each([
    [
      ["top", "--sort", "luck"],
      "'--sort <by>' argument 'luck' is invalid. Allowed choices are price, promised, rationed",
    ],
    [["top", "--watch", "often"], '--watch: "often" is not a duration'],
    [
      ["carla", "freeze", "--in-flight", "stop"],
      "'--in-flight <what>' argument 'stop' is invalid. Allowed choices are continue, end",
    ],
  ])("%j is refused before a cluster is looked for", async (args, complaint) => {
    const { exitCode, stderr } = await walras(args);
    expect([exitCode, stderr]).toEqual([exitCodes.usage, expect.stringContaining(complaint)]);
  });

  it("shows a cluster as a table, as JSON and as YAML", async () => {
    const [table, json, yaml] = await Promise.all(
      ["table", "json", "yaml"].map((format) => walras(["top", "pods", "--kubeconfig", market, "-o", format])),
    );
    expect(table?.stdout).toMatch(/^NAMESPACE {2}POD .*\nshop +web +n1 /);
    expect(JSON.parse(json?.stdout ?? "")).toMatchObject([{ namespace: "shop", pod: "web", reason: "Applied" }]);
    expect(yaml?.stdout).toMatch(/^- namespace: shop\n {2}pod: web\n/);
    expect([table, json, yaml].map((one) => one?.exitCode)).toEqual([0, 0, 0]);
  });

  it("is kubectl's plugin by another name, and finds the kubeconfig that KUBECONFIG names", async () => {
    const plugin = join(folder, "kubectl-walras");
    symlinkSync(main, plugin);
    const { stdout } = await execa(process.execPath, [plugin, "top", "--help"]);
    expect(stdout).toMatch(/^Usage: kubectl walras top /);
    expect((await walras(["top", "-o", "json"], { KUBECONFIG: market })).exitCode).toBe(exitCodes.done);
  });
});

describe("a cluster that cannot be asked ends with 4 and says what to do", () => {
  it("no kubeconfig", async () => {
    const { exitCode, stderr } = await walras(["top"]);
    expect([exitCode, stderr]).toEqual([
      exitCodes.cluster,
      "walras: there is no kubeconfig: give --kubeconfig FILE, set KUBECONFIG, or write ~/.kube/config",
    ]);
  });

  it("a kubeconfig that is none", async () => {
    const file = join(folder, "broken");
    writeFileSync(file, "clusters: 3");
    const { exitCode, stderr } = await walras(["top", "--kubeconfig", file]);
    expect([exitCode, stderr]).toEqual([
      exitCodes.cluster,
      expect.stringContaining(`kubeconfig ${file} cannot be read`),
    ]);
  });

  it("nobody answers", async () => {
    const { exitCode, stderr } = await walras(["plan", "--kubeconfig", kubeconfigOf("nobody", "http://127.0.0.1:9")]);
    expect([exitCode, stderr]).toEqual([
      exitCodes.cluster,
      expect.stringMatching(/^walras: the API server http:\/\/127\.0\.0\.1:9 does not answer: .*ECONNREFUSED/),
    ]);
  });

  it.each([
    [401, "Unauthorized", "does not accept these credentials"],
    [403, "Forbidden", "these credentials do not have the right"],
  ])("it answers %i", async (status, reason, said) => {
    const { exitCode, stderr } = await walras(["savings", "--kubeconfig", await refusing(status, reason)]);
    expect([exitCode, stderr]).toEqual([exitCodes.cluster, expect.stringContaining(said)]);
    expect(stderr).toContain(`pods is ${reason.toLowerCase()}`);
  });

  it("our kinds are not installed", async () => {
    const bare = await served(new TestCluster(), "bare");
    const { exitCode, stderr } = await walras(["top", "--kubeconfig", bare]);
    expect([exitCode, stderr]).toEqual([
      exitCodes.cluster,
      "walras: PodAllocation (allocation.mbcas.io/v1alpha1) is not installed in this cluster: kubectl apply -k deploy/crds",
    ]);
    expect((await walras(["explain", "intent", "a/b", "--kubeconfig", bare])).stderr).toContain("is not");
  });
});
