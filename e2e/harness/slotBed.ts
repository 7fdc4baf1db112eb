import { BatchJobs, scalerPort, setEligible } from "./batchJobs.ts";
import { startLoad } from "./load.ts";
import type { ControllerProgram, Program } from "./programs.ts";
import { openStage, type Stage } from "./stage.ts";
import { eventually } from "./wait.ts";

/** Nodes that there are from the start. */
const first = [2, 3];
const busyPod = "busy";
const unmanaged = { "mbcas.io/managed": "false" };

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
    for (const index of first) await bed.addNode(index);
    await bed.free(first.length);
    bed.jobs.watchCrowding();
    return bed;
  }

  /** As it was opened, whatever a test has left. */
  async restore(): Promise<void> {
    await this.jobs.remove();
    const { cluster, namespace } = this.stage;
    await cluster.kubectl("-n", namespace, "delete", "pod", busyPod, "--ignore-not-found");
    const own = first.map((index) => `node${index}`);
    for (const node of [...this.#agents.keys()].filter((name) => !own.includes(name))) await this.#retire(node);
    for (const node of own.filter((name) => !this.#agents.has(name))) await this.startAgent(node);
    await this.free(own.length);
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
    await startLoad(cluster, { namespace, name: `idle-${node}`, node, cores: 0, labels: unmanaged });
    await this.startAgent(node);
  }

  async startAgent(node: string): Promise<void> {
    this.#agents.set(node, await this.stage.programs.startAgent(node, [this.scaler]));
  }

  async killAgents(): Promise<void> {
    for (const agent of this.#agents.values()) await agent.kill("SIGKILL");
    this.#agents.clear();
  }

  async #retire(node: string): Promise<void> {
    await setEligible(this.stage, node, null);
    await this.#agents.get(node)?.kill("SIGKILL");
    this.#agents.delete(node);
  }

  /** Has it as busy as no job may find it. */
  async occupy(node: string): Promise<void> {
    const { cluster, namespace } = this.stage;
    // By its request it comes before the machine's other work: it is to be busy also where that is slow.
    await startLoad(cluster, { namespace, name: busyPod, node, cores: 1.6, request: "1500m", labels: unmanaged });
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
