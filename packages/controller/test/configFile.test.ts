import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { Kubectl } from "./kubectl.ts";
import { startWorld, type World } from "./world.ts";

let world: World | undefined;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "walras-file-"));
});

afterEach(async () => {
  await world?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const patience = { timeout: 25_000, interval: 100 };
const load = { parallelism: 2, demand: { kind: "constant", cores: 0.9 } };
const pod = (name: string, tier: string): object => ({
  name,
  node: "n",
  labels: { "mbcas.io/managed": "true", tier },
  containers: [{ requests: { cpu: "200m" }, limits: { cpu: "400m" }, load }],
});
const scenario = { name: "file", nodes: [{ name: "n" }], pods: [pod("web", "web"), pod("db", "db")] };

it(
  "a configuration file is taken while the market runs, refused as a whole where it is wrong, and says what needs a restart",
  { timeout: 90_000 },
  async () => {
    const file = join(folder, "walras.yaml");
    const rule = (tier: string, mode: string): string =>
      `  - name: ${tier}\n    selector: { matchLabels: { tier: ${tier} } }\n    mode: ${mode}\n`;
    writeFileSync(file, `policies:\n${rule("db", "recommend")}${rule("web", "recommend")}`);
    world = await startWorld(scenario, [], undefined, [`--config=${file}`]);
    const { metrics } = world;
    const kubectl = new Kubectl(world.cluster);
    const reasonOf = (name: string): unknown => kubectl.allocation(name)?.status?.["reason"];
    await expect.poll(() => [reasonOf("web"), reasonOf("db")], patience).toEqual(["Recommended", "Recommended"]);
    expect([kubectl.cpu("web"), kubectl.cpu("db")]).toEqual(["200m/400m", "200m/400m"]);

    writeFileSync(file, `agent-interval-ms: 500\npolicies:\n${rule("db", "recommend")}`);
    await expect.poll(() => kubectl.cpu("web").split("/")[1], patience).not.toBe("400m");
    expect(kubectl.cpu("db")).toBe("200m/400m");
    const told = (): readonly string[] => kubectl.eventsOn("walras-controller");
    await expect.poll(told, patience).toContain("ConfigurationTaken");
    expect(await metrics()).toMatch(/^walras_config_valid 1$/m);

    writeFileSync(file, "mode: everything\n");
    await expect.poll(told, patience).toContain("ConfigurationRefused");
    expect(await metrics()).toMatch(/^walras_config_valid 0$/m);
    expect(await metrics()).toMatch(/^walras_config_reloads_total\{outcome="refused"\} 1$/m);
    expect(kubectl.cpu("db")).toBe("200m/400m");

    writeFileSync(file, "limits: ample\n");
    await expect.poll(() => kubectl.cpu("db").split("/")[1], patience).not.toBe("400m");
    expect(await metrics()).toMatch(/^walras_config_valid 1$/m);
  },
);
