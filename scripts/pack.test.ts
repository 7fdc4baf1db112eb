import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

const root = join(import.meta.dirname, "..");
/** The machine's own, of which the program needs 20 or later. */
const systemNode = "/usr/bin/node";
const systemNpm = "/usr/bin/npm";
const systemPath = "/usr/local/bin:/usr/bin:/bin";
const mostBytes = 16 * 2 ** 20;

const prefix = mkdtempSync(join(tmpdir(), "walras-install-"));
const walrasAt = join(prefix, "bin", "walras");
afterAll(() => rmSync(prefix, { recursive: true, force: true }));

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode?: number | undefined;
}

/** As somebody without a checkout, and without anything of it in the way. */
function run(file: string, args: readonly string[], input = ""): Promise<Ran> {
  const env = { PATH: systemPath, HOME: prefix };
  return execa(file, args, { cwd: prefix, env, extendEnv: false, input, reject: false });
}

/** A busy machine takes its time to pack and to start. */
const patienceMs = 300_000;
vi.setConfig({ testTimeout: patienceMs, hookTimeout: patienceMs });

const isThere = existsSync(systemNode) && existsSync(systemNpm);

describe.skipIf(!isThere)("the packed command line on the machine's own Node", () => {
  let tarball = "";
  beforeAll(async () => {
    const { stdout } = await execa(process.execPath, [join(root, "scripts", "pack.ts")], {
      cwd: root,
      preferLocal: true,
    });
    tarball = join(root, stdout.trim());
    const installed = await run(systemNpm, [
      "install",
      "--global",
      "--offline",
      "--no-audit",
      "--no-fund",
      "--prefix",
      prefix,
      tarball,
    ]);
    expect(installed.stderr).toBe("");
  });

  it("is one package without dependencies", async () => {
    expect(statSync(tarball).size).toBeLessThan(mostBytes);
    const { stdout } = await run(systemNpm, ["ls", "--global", "--prefix", prefix, "--all", "--parseable"]);
    expect(stdout.split("\n").filter((line) => line.includes("node_modules"))).toEqual([
      join(prefix, "lib", "node_modules", "walras"),
    ]);
  });

  it.each([
    [["--version"], /^\d+\.\d+\.\d+$/],
    [["--help"], /Usage: walras/],
    [["completion", "bash"], /complete -o default -F _walras walras/],
    [["certs", "--days", "2"], /kind: Secret/],
    [["simulate", "demo", "--for", "5s", "-o", "json"], /"policy":"as created"/],
    [["posture", "up", "--dry-run"], /kind: ScaledJob/],
    [["agent", "sample", "--for", "100ms"], /^cgroup /],
  ])("runs %j", async (args, expected) => {
    const { stdout, stderr, exitCode } = await run(walrasAt, args);
    expect({ stderr: stderr.replaceAll(/^simulating.*\n?/gm, ""), exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(stdout).toMatch(expected);
  });

  it("says which Node a calendar needs", async () => {
    const { stderr, exitCode } = await run(walrasAt, ["carla", "simulate"]);
    const isOld = Number.parseInt((await run(systemNode, ["--version"])).stdout.slice(1), 10) < 26;
    expect([exitCode, stderr.includes("carla simulate needs Node 26 or later")]).toEqual([isOld ? 1 : 0, isOld]);
  });

  it("clears a market from standard input", async () => {
    const { stdout } = await run(walrasAt, ["market", "clear"], '{"capacityMilli": 10, "bids": []}');
    expect(JSON.parse(stdout)).toMatchObject({ mode: "uncongested", allocations: [] });
  });

  it("is kubectl's plugin", async () => {
    const { stdout } = await run(join(prefix, "bin", "kubectl-walras"), ["top", "--help"]);
    expect(stdout).toMatch(/^Usage: kubectl walras top/);
  });

  it("asks an API server, and says when none answers", async () => {
    const { stderr, exitCode } = await run(walrasAt, ["top"]);
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining("there is no kubeconfig")]);
  });

  it("plays the demo with the controller and the agents that are in it", async () => {
    const { stdout, stderr, exitCode } = await run(walrasAt, ["demo", "--headless", "--for", "4s"]);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^dashboard: http:\S+\n\d+ containers, \d+ s, \d+ resizes/);
  });
});

describe.skipIf(process.platform !== "linux")("the command line in one file", () => {
  let file = "";
  beforeAll(async () => {
    const args = [join(root, "scripts", "pack.ts"), "--single"];
    const { stdout } = await execa(process.execPath, args, { cwd: root, preferLocal: true });
    file = join(root, stdout.trim());
  });

  it.each([
    [["--version"], /^\d+\.\d+\.\d+$/],
    [["simulate", "demo", "--for", "2s"], /^as created /m],
    [["carla", "simulate", "--scenario", "calm", "--seeds", "1", "--days", "1"], /rule/],
    [["run", "controller", "--", "--help"], /^Usage: walras-controller /],
  ])("runs %j without Node", async (args, expected) => {
    const env = { PATH: "/nowhere", HOME: prefix };
    const { stdout, exitCode } = await execa(file, args, { cwd: prefix, env, extendEnv: false, reject: false });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(expected);
  });
});
