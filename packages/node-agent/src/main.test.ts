import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import { afterEach, describe, expect, it, vi } from "vitest";

import { flagNames, readConfig } from "./config.ts";
import { controlVariable, writeControl } from "./nvidia/testing/control.ts";
import { CgroupFixture, containerGroup, containerId, type FixtureLayout, podPath } from "./testing/cgroupFixture.ts";
import { TestController } from "./testing/controller.ts";
import { version } from "./version.ts";
import { wireAgent } from "./wire.ts";

const layout: FixtureLayout = { version: "v1", driver: "systemd", runtime: "containerd" };
const patience = { timeout: 15_000, interval: 50 };

let agent: ChildProcess;
let log: string;
let printed: string;

function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number | null> {
  log = "";
  agent = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  printed = "";
  agent.stderr?.on("data", (chunk) => (log += String(chunk)));
  agent.stdout?.on("data", (chunk) => (printed += String(chunk)));
  return once(agent, "close").then(([code]) => code as number | null);
}

afterEach(() => void agent.kill("SIGKILL"));

describe("the program", () => {
  it("reports a node to a controller until it is told to stop", async () => {
    const fixture = new CgroupFixture(layout);
    const pod = podPath(layout, "burstable", "uid-1");
    fixture.group(join(pod, containerGroup(layout, containerId("a"))), { quotaUsec: 50_000 });
    const pods = [{ uid: "uid-1", configHash: "", containerIds: [containerId("a")] }];
    const controller = await new TestController({ intervalMillis: 100, pods }).start();
    const address = `127.0.0.1:${controller.port}`;
    const roots = ["--cgroup-root", fixture.cgroupRoot, "--proc-root", fixture.procRoot];
    const control = join(fixture.procRoot, "nvidia.json");
    writeControl(control, { layout: "h100x8" });
    const gpus = [
      "--nvidia-smi",
      join(import.meta.dirname, "nvidia", "testing", "nvidia-smi"),
      "--gpu-interval",
      "500ms",
    ];
    const args = ["--controller", address, "--insecure", "--node-name", "n1", ...roots, ...gpus];
    const exit = run(args, { [controlVariable]: control });
    await vi.waitUntil(() => controller.reports.some(({ limits }) => limits.length > 0), patience);
    expect(controller.hellos).toMatchObject([{ nodeName: "n1", bootId: "boot-1", inventory: { cpuCount: 1 } }]);
    const [first] = controller.reports.flatMap(({ introduced }) => introduced);
    expect(first).toMatchObject({ podUid: "uid-1", containerId: containerId("a"), runtime: "containerd" });
    expect(controller.reports.flatMap(({ limits }) => limits)[0]).toMatchObject({ quotaMilli: 500, podQuotaMilli: -1 });
    await vi.waitUntil(() => log.includes("8 × NVIDIA H100 80GB HBM3"), patience);
    agent.kill("SIGTERM");
    expect(await exit).toBe(0);
    controller.stop();
    fixture.destroy();
  });

  it("looks for no GPU where it is told to", async () => {
    const fixture = new CgroupFixture(layout);
    const roots = ["--cgroup-root", fixture.cgroupRoot, "--proc-root", fixture.procRoot, "--log-level", "silent"];
    const least = ["--controller", "127.0.0.1:1", "--insecure", "--node-name", "n1", ...roots];
    const partsOf = async (...flags: readonly string[]): Promise<readonly string[]> =>
      (await wireAgent(readConfig([...least, ...flags], {}))).parts.map(({ name }) => name);
    expect(await partsOf()).toContain("gpus");
    expect(await partsOf("--nvidia-smi", "none")).not.toContain("gpus");
    fixture.destroy();
  });

  it("tells its flags and its version", async () => {
    expect(await run(["--help"])).toBe(0);
    expect([log, ...flagNames.filter((name) => !printed.includes(`--${name}`))]).toEqual([""]);
    expect(await run(["--version"])).toBe(0);
    expect(printed).toBe(`${version}\n`);
  });

  it("says in one line what is wrong with a flag", async () => {
    expect(await run(["--controller", "10.1.2.3:1", "--insecure", "--node-name", "n1"])).toBe(2);
    expect(log.trim().split("\n")).toHaveLength(1);
    expect(log).toContain("flags.insecure");
  });
});
