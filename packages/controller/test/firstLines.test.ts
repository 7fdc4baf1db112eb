import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { systemClock } from "@walras/kit";
import { writeKubeconfig } from "@walras/sim";
import { ApiServer } from "@walras/sim/apiserver";
import { expect, it, onTestFinished } from "vitest";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** The first lines of CARLA's log, until one says a text. */
async function linesUntil(text: string, folder: string): Promise<string[]> {
  const files = [`--carla-policy=${folder}/policy.yaml`, `--carla-apps=${folder}/apps.yaml`];
  const flags = ["--parts=carla", `--kubeconfig=${folder}/kubeconfig`, "--ops-host=127.0.0.1", "--ops-port=0"];
  const program = spawn(process.execPath, [main, ...flags, ...files, `--carla-override=${folder}/override.yaml`], {
    env: { ...process.env, ARGO_TOKEN: "none" },
  });
  onTestFinished(() => void program.kill("SIGKILL"));
  const lines: string[] = [];
  for await (const line of createInterface({ input: program.stderr })) {
    lines.push(line);
    if (line.includes(text)) return lines;
  }
  return lines;
}

it("the log begins with the prototype's first line; then with what is approved, and with a warning of what stops everything", async () => {
  const folder = mkdtempSync(join(tmpdir(), "walras-first-"));
  const { url, close } = await new ApiServer({ clock: systemClock }).listen(0);
  onTestFinished(async () => {
    await close();
    rmSync(folder, { recursive: true, force: true });
  });
  writeKubeconfig(join(folder, "kubeconfig"), url);
  const csv = `{decisions_csv: ${folder}/decisions.csv, rollouts_csv: ${folder}/rollouts.csv}`;
  writeFileSync(join(folder, "policy.yaml"), `argo: {base_url: "http://127.0.0.1:1"}\nlogging: ${csv}\n`);
  writeFileSync(join(folder, "apps.yaml"), "apps: [{name: web}]\n");
  writeFileSync(join(folder, "override.yaml"), "carla.ops/override: true\n");
  const lines = await linesUntil("nothing is released", folder);
  expect(lines[0]).toBe("[INFO] CARLA scheduler started (tick=30s, Rmax=6.00)");
  expect(lines[1]).toMatch(
    /^\[WARN\] override in force: every high-risk release is approved file=.*override\.yaml from=\S+ until=\S+Z$/,
  );
  expect(lines.at(-1)).toMatch(
    /^\[WARN\] how full the cluster is, is not known: nothing is released why=metrics\.k8s\.io: /,
  );
}, 60_000);
