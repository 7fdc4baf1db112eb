import { BatchJobs, scalerPort, setEligible } from "./batchJobs.ts";
import { startLoad } from "./load.ts";
import type { ControllerProgram, Program } from "./programs.ts";
import { openStage, type Stage } from "./stage.ts";
import { eventually } from "./wait.ts";

/** KEDA, nodes that jobs may go to with an agent each, and a scaler. */
export class SlotBed {
  readonly stage: Stage;
  readonly jobs: BatchJobs;
  readonly #agents = new Map<string, Program>();
  #scaler: ControllerProgram | undefined;

  private constructor(stage: Stage) {
    this.stage = stage;
    this.jobs = new BatchJobs(stage);
  }

  static async open(name: string): Promise<SlotBed> {
    const bed = new SlotBed(await openStage(name));
    await bed.jobs.install();
    await bed.stage.cluster.target.controlPlane?.startKeda();
    await bed.startScaler();
    for (const index of [2, 3]) await bed.addNode(index);
    await bed.free(2);
    bed.jobs.watchCrowding();
    return bed;
  }

  async close(): Promise<void> {
    this.jobs.close();
    await this.jobs.remove().catch(() => undefined);
    const plane = this.stage.cluster.target.controlPlane;
    await plane?.stopKeda();
    await this.stage.close();
    // What goes on running takes from the machine that the other suites measure.
    for (const node of [2, 3, 4]) await plane?.stopNode(node);
  }

  get scaler(): ControllerProgram {
    if (!this.#scaler) throw new Error("no scaler has been started");
    return this.#scaler;
  }

  async startScaler(args: readonly string[] = []): Promise<void> {
    this.#scaler = await this.stage.programs.startController({
      mode: "recommend",
      address: "127.0.0.1:18443",
      args: ["--parts=market,batch", `--batch-address=0.0.0.0:${scalerPort}`, "--batch-threshold=0.40", ...args],
    });
  }

  /** Another scaler in place of the one that runs. */
  async restartScaler(signal: NodeJS.Signals, args: readonly string[] = []): Promise<void> {
    await this.scaler.kill(signal);
    await this.startScaler(args);
  }

  /** A node that jobs may go to, and that knows how busy it is. */
  async addNode(index: number): Promise<void> {
    const { cluster, namespace } = this.stage;
    const node = (await cluster.target.controlPlane?.startNode(index)) ?? "";
    await setEligible(this.stage, node, "true");
    // Nodes that share a machine are told apart by their pods.
    const idle = { namespace, cores: 0, labels: { "mbcas.io/managed": "false" } };
    await startLoad(cluster, { ...idle, name: `idle-${node}`, node });
    await this.startAgent(node);
  }

  async startAgent(node: string): Promise<void> {
    this.#agents.set(node, await this.stage.programs.startAgent(node, [this.scaler]));
  }

  async killAgents(): Promise<void> {
    for (const agent of this.#agents.values()) await agent.kill("SIGKILL");
  }

  /** Free nodes, and what is told of each. */
  async slots(): Promise<{ readonly free: number; readonly told: string }> {
    const told = await this.scaler.view("/eligible");
    const { nodes } = JSON.parse(told) as { nodes: readonly { readonly state: string }[] };
    return { free: nodes.filter(({ state }) => state === "free").length, told };
  }

  free(count: number): Promise<unknown> {
    return eventually(
      `${count} nodes to be free`,
      () => this.slots(),
      (now) => now.free === count,
      90_000,
    );
  }
}
