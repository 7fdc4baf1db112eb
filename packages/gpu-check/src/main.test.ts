import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort } from "@walras/kit/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

let folder: string;
const stops: (() => unknown)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gpu-check-"));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

interface Run {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly code: Promise<number | null>;
}

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), ...args], {
    env: { PATH: "/nowhere", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  stops.push(() => child.kill("SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  return { process: child, output: () => output, code: once(child, "close").then(([code]) => code as number | null) };
}

/** nvidia-smi, as far as the check asks it: it lists what the file of this name holds. */
async function nvidiaSmi(name: string, uuids: readonly string[], apps = ""): Promise<string> {
  const list = uuids.map((uuid, index) => `GPU ${index}: Tesla T4 (UUID: ${uuid})`).join("\n");
  const file = join(folder, name);
  await writeFile(file, `#!/bin/sh\nif [ "$1" = -L ]; then echo '${list}'; else echo '${apps}'; fi\n`);
  await chmod(file, 0o755);
  return file;
}

interface Pod {
  readonly node: string;
  readonly devices?: string;
  readonly smi: string;
}

/** Pods at ports of which only the ordinal differs. @returns their URL, with `{}` for it */
async function startPods(pods: readonly Pod[]): Promise<string> {
  const base = await consecutivePorts(pods.length);
  for (const [index, { node, devices, smi }] of pods.entries()) {
    const variable = devices === undefined ? {} : { CUDA_VISIBLE_DEVICES: devices };
    const port = base + index;
    start([], {
      NODE_NAME: node,
      POD_NAME: `check-${index}`,
      PORT: String(port),
      NVIDIA_SMI: smi,
      PATH: "/bin",
      ...variable,
    });
    await expect
      .poll(
        () =>
          fetch(`http://127.0.0.1:${port}/healthz`).then(
            ({ ok }) => ok,
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(true);
  }
  return `http://127.0.0.1:${String(base).slice(0, -1)}{}/`;
}

/** The first of some free ports that share all but their last digit. */
async function consecutivePorts(count: number): Promise<number> {
  for (;;) {
    const base = Math.floor((await freePort()) / 10) * 10;
    const servers = Array.from({ length: count }, () => createServer());
    const taken = await Promise.all(servers.map((server, index) => listens(server, base + index)));
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    if (taken.every(Boolean)) return base;
  }
}

function listens(server: ReturnType<typeof createServer>, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => resolve(true));
  });
}

async function mapOf(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

describe("a pod of the check", () => {
  it("logs its node and its devices as the prototype did, and shows what it sees", async () => {
    const smi = await nvidiaSmi("smi-one", ["GPU-a0"]);
    const port = await freePort();
    const run = start([], {
      NODE_NAME: "node1",
      POD_NAME: "check-0",
      PORT: String(port),
      NVIDIA_SMI: smi,
      PATH: "/bin",
      CUDA_VISIBLE_DEVICES: "0",
      LOG_INTERVAL: "1",
    });
    await expect.poll(run.output, { timeout: 10_000 }).toMatch(/(Node: node1, CUDA_VISIBLE_DEVICES: 0\n.*){2}/s);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).json()).toMatchObject({
      pod: "check-0",
      node: "node1",
      cudaVisibleDevices: "0",
      gpus: [{ index: 0, uuid: "GPU-a0", model: "Tesla T4" }],
    });
    run.process.kill("SIGTERM");
    expect(await run.code).toBe(0);
  });

  it("ends with 2 where a variable is wrong", async () => {
    const run = start([], { LOG_INTERVAL: "never" });
    expect(await run.code).toBe(2);
    expect(run.output()).toContain('LOG_INTERVAL: "never" is not valid');
  });
});

describe("the collector", () => {
  const uuids = ["GPU-a0", "GPU-a1", "GPU-a2", "GPU-a3"];

  it("ends with 0 where each pod has what the map says, and with 1 where one has not", async () => {
    const smi = await nvidiaSmi("smi-four", uuids);
    const pods = await startPods([
      { node: "n1", devices: "GPU-a0,GPU-a1", smi },
      { node: "n1", devices: "2", smi },
    ]);
    const right = await mapOf("right", "0=n1:0,1\n1=n1:2\n");
    const green = start(["--collect", "--once", "--nodes=names", `--map=${right}`, `--pods=${pods}`]);
    expect([await green.code, green.output()]).toEqual([0, "0  ok\n1  ok\ngreen\n"]);
    const wrong = await mapOf("wrong", "0=n1:0,1\n1=n2:3\n");
    const red = start(["--collect", "--once", "--json", "--nodes=names", `--map=${wrong}`, `--pods=${pods}`]);
    expect(await red.code).toBe(1);
    expect(JSON.parse(red.output())).toMatchObject({ green: false, rows: [{ state: "ok" }, { state: "wrong node" }] });
  });

  it("serves the verdict as a page, as JSON and as metrics, and follows the map", async () => {
    const smi = await nvidiaSmi("smi-busy", uuids, "GPU-a3, 4711, <b>miner</b>");
    const pods = await startPods([
      { node: "n1", devices: "0", smi },
      { node: "n1", devices: "3", smi },
    ]);
    const map = await mapOf("served", "0=n1:0\n1=n1:3\n");
    const port = await freePort();
    start(["--collect", "--nodes=names", `--map=${map}`, `--pods=${pods}`, `--port=${port}`, "--interval=1"]);
    const url = `http://127.0.0.1:${port}`;
    const answer = (path: string, accept = "*/*"): Promise<string> =>
      fetch(url + path, { headers: { accept } }).then(
        (response) => response.text(),
        () => "",
      );
    await expect.poll(() => answer("/readyz"), { timeout: 10_000 }).toBe("ok\n");
    expect(JSON.parse(await answer("/verdict"))).toMatchObject({
      green: false,
      rows: [{ state: "ok" }, { state: "foreign process" }],
    });
    const html = await answer("/verdict", "text/html");
    expect(html).toContain("1 not as the map says");
    expect(html).toContain("process 4711 (&lt;b&gt;miner&lt;/b&gt;) computes on GPU-a3");
    const metrics = await answer("/metrics");
    for (const line of [
      "walras_gpu_check_green 0",
      'walras_gpu_check_pods{state="foreign process"} 1',
      'walras_gpu_check_ok{pod_index="0"} 1',
    ])
      expect(metrics.split("\n")).toContain(line);
    await writeFile(map, "0=n1:0\n");
    await expect
      .poll(async () => (JSON.parse(await answer("/verdict")) as { green: boolean }).green, { timeout: 10_000 })
      .toBe(true);
  });

  it("says who is not there and who does not answer", async () => {
    const map = await mapOf("absent", "0=n1:0\n");
    const at = (url: string): Run => start(["--collect", "--once", "--nodes=names", `--map=${map}`, `--pods=${url}`]);
    const missing = at("http://check-{}.invalid:8080/");
    expect([await missing.code, missing.output()]).toEqual([
      1,
      expect.stringMatching(/^0 {2}(pod missing|not answering)/),
    ]);
    const silent = at(`http://127.0.0.1:${await freePort()}/{}`);
    expect([await silent.code, silent.output()]).toEqual([
      1,
      expect.stringMatching(/^0 {2}not answering .*ECONNREFUSED/),
    ]);
  });

  it("gives no verdict without a map", async () => {
    const run = start(["--collect", "--once", "--nodes=names", `--map=${join(folder, "none")}`]);
    expect(await run.code).toBe(2);
    expect(run.output()).toMatch(/^gpu-scheduler-check: ENOENT/);
  });
});
