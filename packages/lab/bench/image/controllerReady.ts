import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sleep, systemClock } from "@walras/kit";
import { freePort } from "@walras/kit/testing";
import { scenarioSchema, SimCluster, writeKubeconfig } from "@walras/sim";

import { readyAfter, runImage } from "./container.ts";

const lookMs = 5;

/** From its start until /readyz says so, in milliseconds: it has seen the cluster whole. */
export async function controllerReady(rootfs: string): Promise<number> {
  const scenario = scenarioSchema.parse({ name: "image", nodes: [{ name: "a" }], pods: [] });
  const cluster = new SimCluster({ scenario, clock: systemClock });
  await cluster.start();
  const { url, close } = await cluster.api.listen(0);
  const given = await mkdtemp(join(tmpdir(), "walras-given-"));
  try {
    writeKubeconfig(join(given, "kubeconfig"), url);
    await chmod(given, 0o755);
    await chmod(join(given, "kubeconfig"), 0o644);
    const opsPort = await freePort();
    const atMs = performance.now();
    const child = runImage("controller", { rootfs, given, args: argsFor(opsPort) });
    return await readyAfter(child, atMs, answered(`http://127.0.0.1:${opsPort}/readyz`));
  } finally {
    await rm(given, { recursive: true, force: true });
    await close();
    await cluster.stop();
  }
}

const argsFor = (opsPort: number): readonly string[] => [
  "--kubeconfig=/etc/kubeconfig",
  "--agent-address=127.0.0.1:0",
  "--agent-auth=none",
  "--ops-host=127.0.0.1",
  `--ops-port=${opsPort}`,
  "--log-level=error",
];

async function answered(url: string): Promise<void> {
  for (;;) {
    const isReady = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await sleep(systemClock, lookMs);
  }
}
