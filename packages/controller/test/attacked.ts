import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { sleep, systemClock } from "@walras/kit";
import { flagsWithin, freePort, imageFlags } from "@walras/kit/testing";
import type { AgentConnection } from "@walras/node-agent";
import { scenarioSchema, SimCluster, writeKubeconfig } from "@walras/sim";

import { agentOf } from "./agent.ts";
import { serveBatchKinds } from "./crash/jobs.ts";
import type { NodesView } from "../src/base/telemetry/ledger/view.ts";

const main = join(import.meta.dirname, "..", "src", "main.ts");
/** As the manifests bound it. */
const memoryMib = 512;
const nodeFlags = flagsWithin(memoryMib, imageFlags("Dockerfile.controller"));
const goodNodes = ["a", "b", "c"];
const evilNode = "evil";
const lookMs = 250;
const mebibyte = 2 ** 20;

export interface Ports {
  readonly agents: number;
  readonly ops: number;
  readonly scaler: number;
}

/** The worst that was seen of a controller. */
export interface Health {
  readonly looks: number;
  readonly leads: boolean;
  readonly holder: unknown;
  /** Of the honest nodes' telemetry; of two looks in a row. */
  readonly oldestMs: number;
  readonly rssMiB: number;
  readonly files: number;
  readonly alive: boolean;
}

/** The controller as its image runs it, in a process of its own, with three honest agents and one node whose token is stolen. */
export class Attacked {
  readonly cluster: SimCluster;
  readonly ports: Ports;
  readonly #child: ChildProcess;
  readonly #stops: readonly (() => unknown)[];

  private constructor(cluster: SimCluster, child: ChildProcess, ports: Ports, stops: readonly (() => unknown)[]) {
    this.cluster = cluster;
    this.#child = child;
    this.ports = ports;
    this.#stops = stops;
  }

  static async start(): Promise<Attacked> {
    const nodes = [...goodNodes, evilNode].map((name) => ({ name }));
    const pods = goodNodes.map((node) => aPod(`on-${node}`, node));
    const cluster = new SimCluster({ scenario: scenarioSchema.parse({ name: "t", nodes, pods }), clock: systemClock });
    await cluster.start();
    await serveBatchKinds(cluster.api);
    const { url, close } = await cluster.api.listen(0);
    const folder = mkdtempSync(join(tmpdir(), "walras-attacked-"));
    writeKubeconfig(join(folder, "kubeconfig"), url);
    const scaler = await freePort();
    const child = spawnController(join(folder, "kubeconfig"), scaler);
    const ports = { ...(await startedPorts(child)), scaler };
    const agents = goodNodes.map((node) => anAgent(cluster, node, { folder, port: ports.agents }));
    for (const agent of agents) agent.start();
    const stopAgents = (): void => agents.forEach((agent) => agent.stop());
    const remove = (): void => rmSync(folder, { recursive: true, force: true });
    return new Attacked(cluster, child, ports, [stopAgents, close, () => cluster.stop(), remove]);
  }

  get stolenToken(): string {
    return this.cluster.agentToken(evilNode);
  }

  /** Looks at it while `attack` goes on. */
  async during(attack: () => Promise<unknown>): Promise<Health> {
    const over = new AbortController();
    const done = attack().finally(() => over.abort());
    let before = await this.look();
    let worst = { ...before, oldestMs: 0 };
    while (!over.signal.aborted) {
      await sleep(systemClock, lookMs);
      const now = await this.look();
      // One late report is the machine's, which is busy with the attack as well; what lasts is the controller's.
      worst = worse(worst, { ...now, oldestMs: Math.min(before.oldestMs, now.oldestMs) });
      before = now;
    }
    await done;
    return worst;
  }

  async look(): Promise<Health> {
    const metrics = await this.#get("/metrics");
    const { nodes } = JSON.parse(await this.#get("/nodes")) as NodesView;
    const ages = goodNodes.map((name) => nodes.find(({ node }) => node === name)?.ageMs ?? Infinity);
    const lease = this.cluster.api.store.get("leases.coordination.k8s.io", "walras-system", "walras-controller");
    return {
      looks: 1,
      leads: / ?walras_leader 1\b/.test(metrics),
      holder: lease?.spec?.["holderIdentity"],
      oldestMs: Math.max(...ages),
      rssMiB: Number(/^walras_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1]) / mebibyte,
      files: readdirSync(`/proc/${this.#child.pid}/fd`).length,
      alive: this.#child.exitCode === null && this.#child.signalCode === null,
    };
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill("SIGKILL");
      await ended;
    }
    for (const stop of this.#stops) await stop();
  }

  async #get(path: string): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.ports.ops}${path}`)).text();
  }
}

function worse(one: Health, other: Health): Health {
  return {
    looks: one.looks + other.looks,
    leads: one.leads && other.leads,
    holder: one.holder === other.holder ? one.holder : [one.holder, other.holder],
    oldestMs: Math.max(one.oldestMs, other.oldestMs),
    rssMiB: Math.max(one.rssMiB, other.rssMiB),
    files: Math.max(one.files, other.files),
    alive: one.alive && other.alive,
  };
}

function aPod(name: string, node: string): object {
  const amounts = { cpu: "100m", memory: "64Mi" };
  const load = { parallelism: 1, demand: { kind: "constant", cores: 0.2 } };
  return {
    name,
    node,
    labels: { "mbcas.io/managed": "true" },
    containers: [{ requests: amounts, limits: amounts, load }],
  };
}

function spawnController(kubeconfig: string, scalerPort: number): ChildProcess {
  const flags = [
    `--kubeconfig=${kubeconfig}`,
    "--parts=market,batch",
    "--mode=full",
    "--agent-address=127.0.0.1:0",
    `--batch-address=127.0.0.1:${scalerPort}`,
    "--ops-host=127.0.0.1",
    "--ops-port=0",
  ];
  const stdio = ["ignore", "ignore", "pipe"] as const;
  return spawn(process.execPath, [...nodeFlags, main, ...flags], { stdio: [...stdio] });
}

async function startedPorts(child: ChildProcess): Promise<{ agents: number; ops: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ agents: number; ops: number }>();
  child.once("exit", (code) => reject(new Error(`the controller ended with ${code}`)));
  createInterface({ input: child.stderr ?? process.stdin }).on("line", (line) => {
    if (!line.includes('"controller started"')) return;
    const { agentPort: agents, opsPort: ops } = JSON.parse(line) as { agentPort: number; opsPort: number };
    resolve({ agents, ops });
  });
  return promise;
}

function anAgent(
  cluster: SimCluster,
  node: string,
  { folder, port }: { readonly folder: string; readonly port: number },
): AgentConnection {
  const tokenFile = join(folder, `token-${node}`);
  writeFileSync(tokenFile, cluster.agentToken(node));
  return agentOf(cluster, node, port, { tokenFile });
}
