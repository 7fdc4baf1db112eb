import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Lifecycle, type Logger, silentLogger, systemClock, systemRng } from "@walras/kit";
import { ApiServer, inProcessTransport } from "@walras/sim/apiserver";
import { expect, it, onTestFinished } from "vitest";
import { stringify } from "yaml";

import { readConfig } from "../src/config.ts";
import { FakeArgo } from "../src/parts/carla/argocd/testing/fakeArgo.ts";
import { wire } from "../src/wire.ts";

const within = { timeout: 15_000, interval: 50 };

/** A Prometheus that finds a tenth of everything used. */
async function prometheus(): Promise<string> {
  const server = createServer((_, response) => {
    const result = [{ metric: {}, value: [Date.now() / 1000, "0.1"] }];
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ status: "success", data: { resultType: "vector", result } }));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Keeps what is logged, a line each. */
function recorder(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const keep = (level: string) => (fields: object, message: string) =>
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const said = { info: keep("INFO"), warn: keep("WARN"), error: keep("ERROR"), child: () => logger };
  const logger = Object.create(silentLogger, { level: { value: "info", writable: true } }) as Logger;
  Object.assign(logger, said);
  return { logger, lines };
}

interface Stage {
  readonly argo: FakeArgo;
  readonly lines: readonly string[];
  write(file: string, content: string | object): void;
  read(file: string): string;
  view(): Promise<Record<string, unknown>>;
  synced(): string[];
}

/** CARLA by itself, with two applications called web. */
async function stage(policy: object): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "walras-releases-"));
  const argo = new FakeArgo();
  await argo.start();
  const webs = ["team-a", "team-b"].map((namespace) => argo.add("web", { namespace }));
  const write: Stage["write"] = (file, content) =>
    writeFileSync(join(folder, file), typeof content === "string" ? content : stringify(content));
  const logging = { decisions_csv: join(folder, "decisions.csv"), rollouts_csv: join(folder, "rollouts.csv") };
  const whole = (given: object): object => ({
    windows: { allow: [{ day: "DAILY", start: "00:00", end: "24:00" }] },
    risk: { large_diff: 0, sensitive_kind: 0 },
    rollout: { healthy_hold_seconds: 0 },
    argo: { base_url: argo.url, token_file: join(folder, "token") },
    logging,
    ...given,
  });
  write("token", argo.token);
  write("policy.yaml", whole(policy));
  write("apps.yaml", {
    apps: [
      { name: "team-a/web", risk: 0 },
      { name: "web", namespace: "team-b", risk: 2 },
    ],
  });
  const flags = ["--parts=carla", "--ops-host=127.0.0.1", "--ops-port=0", `--carla-policy=${folder}/policy.yaml`];
  const files = [`--carla-apps=${folder}/apps.yaml`, `--carla-override=${folder}/override.yaml`];
  const { logger, lines } = recorder();
  const around = { clock: systemClock, rng: systemRng, logger, onLost: () => undefined };
  const transport = inProcessTransport(new ApiServer({ clock: systemClock }));
  const home = { apiVersion: "v1", kind: "Namespace", metadata: { name: "walras-system" } };
  await transport.send({ method: "POST", path: "/api/v1/namespaces", body: home });
  const controller = await wire(readConfig([...flags, ...files], {}), { ...around, transport });
  const lifecycle = new Lifecycle(controller.runnables, logger);
  await lifecycle.start();
  onTestFinished(async () => {
    await lifecycle.stop();
    await argo.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    argo,
    lines,
    write: (file, content) => write(file, file === "policy.yaml" ? whole(content as object) : content),
    read: (file) => readFileSync(join(folder, file), "utf8"),
    view: async () =>
      (await (await fetch(`http://127.0.0.1:${controller.opsPort()}/carla`)).json()) as Record<string, unknown>,
    synced: () => webs.filter(({ sync }) => sync === "Synced").map(({ namespace, name }) => `${namespace}/${name}`),
  };
}

it("R7, R8, R2: what is configured while it runs is in force and told; one name in two namespaces is two; an override is named", async () => {
  const { lines, write, read, view, synced } = await stage({ tick: { seconds: 3600 } });
  const told = (text: string): number => lines.filter((line) => line.includes(text)).length;
  await expect.poll(() => told("WARN how full the cluster is, is not known: nothing is released"), within).toBe(1);
  expect(lines.join("\n")).toContain("set telemetry.prometheus_url");

  const telemetry = { prometheus_url: await prometheus() };
  write("policy.yaml", { tick: { seconds: 3600 }, telemetry });
  await expect.poll(synced, within).toEqual(["team-a/web"]);
  expect(told("INFO configuration read again: it is in force")).toBe(1);
  expect(told(`telemetry.prometheus_url: (none) → \\"${telemetry.prometheus_url}\\"`)).toBe(1);
  await expect.poll(() => read("rollouts.csv"), within).toMatch(/,team-a\/web,/);
  expect(read("decisions.csv")).toMatch(/,team-a\/web,team-b\/web,exact$/m);
  expect(await view()).toMatchObject({ override: null, usage: { source: "Prometheus" } });

  write("override.yaml", "carla.ops: {override: true}\n");
  write("policy.yaml", { tick: { seconds: 1 }, telemetry });
  await expect.poll(synced, within).toEqual(["team-a/web", "team-b/web"]);
  expect(told("tick.seconds: 3600 → 1")).toBe(1);
  expect(told("WARN override in force: every high-risk release is approved")).toBe(1);
  expect(await view()).toMatchObject({ override: { state: "in force" } });
  const asked = read("releases.jsonl")
    .split("\n")
    .filter((line) => line.includes('"asked"'));
  expect(asked.map((line) => JSON.parse(line) as object)).toMatchObject([
    { app: "web", namespace: "team-a", approvedBy: null },
    { app: "web", namespace: "team-b", approvedBy: "override.yaml" },
  ]);
}, 60_000);
