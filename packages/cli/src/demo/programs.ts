import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { type Clock, sleep } from "@walras/kit";
import type { SimNode } from "@walras/sim";

import { commandOf, type ProgramName } from "../self.ts";

/** Node flags of an agent, as its image has them. */
const agentFlags = ["--max-old-space-size=48", "--max-semi-space-size=1", "--no-opt", "--no-maglev"];
const startTimeoutMs = 30_000;

/** Where the controller listens. */
interface ControllerPorts {
  readonly agentPort: number;
  readonly opsPort: number;
  /** undefined: it serves no dashboard. */
  readonly dashboardPort?: number;
}

/** The unmodified programs, as processes of their own. */
export class DemoPrograms {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #children = new Map<string, ChildProcess>();

  constructor(folder: string, clock: Clock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** @param flags beside those that a demo always has */
  async startController(kubeconfig: string, flags: readonly string[] = []): Promise<ControllerPorts> {
    await this.#spawn("controller", "controller", [
      `--kubeconfig=${kubeconfig}`,
      "--mode=full",
      "--agent-address=127.0.0.1:0",
      "--ops-host=127.0.0.1",
      "--ops-port=0",
      ...flags,
    ]);
    return this.#ports();
  }

  async startAgent(node: SimNode, agentPort: number): Promise<void> {
    if (!node.paths) throw new Error(`node ${node.facts.name} has no files`);
    const { cgroupRoot, procRoot, tokenFile } = node.paths;
    await this.#spawn(`agent-${node.facts.name}`, "agent", [
      `--controller=127.0.0.1:${agentPort}`,
      "--insecure",
      `--node-name=${node.facts.name}`,
      `--cgroup-root=${cgroupRoot}`,
      `--proc-root=${procRoot}`,
      `--token-file=${tokenFile}`,
    ]);
  }

  /** Ends one as a crash would. */
  kill(name: string): void {
    this.#children.get(name)?.kill("SIGKILL");
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#children.values()].map(ended));
  }

  async #spawn(name: string, program: ProgramName, flags: readonly string[]): Promise<void> {
    const { file, args, takesNodeFlags } = await commandOf(program);
    const nodeFlags = takesNodeFlags && program === "agent" ? agentFlags : [];
    const log = openSync(this.#logOf(name), "a");
    this.#children.set(name, spawn(file, [...nodeFlags, ...args, ...flags], { stdio: ["ignore", log, log] }));
    closeSync(log);
  }

  #logOf(name: string): string {
    return join(this.#folder, `${name}.log`);
  }

  /** What the controller says when it has started. */
  async #ports(): Promise<ControllerPorts> {
    const untilMs = this.#clock.monotonicMs() + startTimeoutMs;
    while (this.#clock.monotonicMs() < untilMs) {
      const log = readFileSync(this.#logOf("controller"), "utf8");
      const line = log.split("\n").find((one) => one.includes('"controller started"'));
      if (line) return JSON.parse(line) as ControllerPorts;
      if (this.#children.get("controller")?.exitCode !== null) throw new Error(`the controller ended: ${log}`);
      await sleep(this.#clock, 50);
    }
    throw new Error(`the controller did not start within ${startTimeoutMs} ms`);
  }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}
