import { join } from "node:path";

import { type Clock, describeError, type Logger, parseCpu, type Rng, seededRng, silentLogger } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";

import { ApiServer, inProcessTransport, type Listening, type StoreEvent } from "../apiserver/index.ts";
import { asText, valueAt } from "../apiserver/objects/model.ts";
import { cfsPeriodMs } from "../node/cpuModel.ts";
import { type Fault, nodeNames, type Scenario } from "../scenario/index.ts";
import { loadAnnotation } from "../workload/index.ts";
import { FaultRunner, type ProgramFaults } from "./faults.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { ModelSampler } from "./modelSampler.ts";
import { type Candidate, Scheduler } from "./scheduler.ts";
import { agentIdentity, createPod, createPods, prepare } from "./setup.ts";
import { makeNode, type SimNode, writeToken } from "./simNode.ts";
import { StoreWriter } from "./storeWriter.ts";
import { Ticker } from "./ticker.ts";
import { type ClusterTruth, type RunSummary, summarise } from "./truth.ts";

/** How a simulated cluster is made. */
export interface SimClusterOptions {
  readonly scenario: Scenario;
  readonly clock: Clock;
  /** Files for unmodified programs go here: a kubeconfig, and each node's cgroups, /proc and token. None without. */
  readonly directory?: string;
  /** How often the machines move on, a multiple of 100 ms. 100 unless told. */
  readonly stepMs?: number;
  /** The programs that faults can hit. */
  readonly programs?: ProgramFaults;
  readonly logger?: Logger;
}

const ownAgent = "walras-simulator";
const nobody: ProgramFaults = { killAgent: () => {}, killController: () => {} };

/**
 * A whole cluster in this process on one clock: an API server, kubelets, a
 * scheduler, and machines whose containers demand what the scenario says. The
 * same scenario and seed give the same run under a virtual clock.
 */
export class SimCluster {
  readonly api: ApiServer;
  readonly nodes: readonly SimNode[];
  readonly #options: SimClusterOptions;
  readonly #rng: Rng;
  readonly #byName: ReadonlyMap<string, SimNode>;
  readonly #transport: KubeTransport;
  readonly #scheduler: Scheduler;
  readonly #ticker: Ticker;
  readonly #faults: FaultRunner;
  readonly #samplers = new Map<string, ModelSampler>();
  readonly #logger: Logger;
  #fillers = 0;
  #listening: Listening | undefined;
  #stopListening: (() => void) | undefined;

  constructor(options: SimClusterOptions) {
    const { scenario, clock, logger = silentLogger } = options;
    this.#options = options;
    this.#logger = logger;
    this.#rng = seededRng(scenario.seed);
    this.api = new ApiServer({ clock, rng: this.#rng });
    const { store } = this.api;
    this.#transport = inProcessTransport(this.api, ownAgent);
    const writer = new StoreWriter({ store, clock, rng: this.#rng });
    this.nodes = this.#makeNodes(writer);
    this.#byName = new Map(this.nodes.map((node) => [node.facts.name, node]));
    const candidates = (): readonly Candidate[] => this.nodes.flatMap(({ facts }) => this.#candidate(facts));
    this.#scheduler = new Scheduler({ store, transport: this.#transport, writer, clock, logger, candidates });
    const stepMs = options.stepMs ?? cfsPeriodMs;
    this.#ticker = new Ticker(clock, stepMs, {
      step: (atMs) => this.nodes.forEach(({ machine }) => machine.advance(atMs, stepMs)),
      settled: () => this.nodes.forEach(({ machine }) => machine.writeFiles()),
    });
    this.#faults = this.#makeFaults();
  }

  /** A client of the API server without sockets. */
  transport(userAgent: string): KubeTransport {
    return inProcessTransport(this.api, userAgent);
  }

  /** Where the API server listens; undefined in a run without files. */
  get url(): string | undefined {
    return this.#listening?.url;
  }

  /** The kubeconfig of the API server; null in a run without files. */
  get kubeconfigPath(): string | null {
    const { directory } = this.#options;
    return directory === undefined ? null : join(directory, "kubeconfig");
  }

  /** Brings the cluster up and creates the scenario's pods; they start in their own time. */
  async start(): Promise<void> {
    const { scenario, clock } = this.#options;
    const time = `${new Date(clock.wallMs()).toISOString().slice(0, 19)}Z`;
    await this.#openFiles();
    await prepare(this.#transport, scenario, this.nodes, time);
    this.#stopListening = this.api.store.onChange((event) => this.#dispatch(event));
    this.#scheduler.start();
    this.#ticker.start();
    await createPods(this.#transport, scenario);
    this.#faults.start(scenario.faults);
  }

  async stop(): Promise<void> {
    this.#faults.stop();
    this.#ticker.stop();
    this.#scheduler.stop();
    this.#stopListening?.();
    for (const { kubelet, machine } of this.nodes) {
      kubelet.stop();
      machine.close();
    }
    this.api.close();
    await this.#listening?.close();
  }

  /** The cluster as it truly is at this moment. */
  truth(): ClusterTruth {
    return {
      elapsedMs: this.#ticker.elapsedMs,
      nodes: this.nodes.map(({ facts: { name, cores, allocatableMilli }, machine }) => ({
        name,
        cores,
        allocatableMilli,
        usedCores: machine.groups.root.grantedCores,
        containers: machine.truth(),
        departed: machine.departed,
      })),
    };
  }

  /** The run so far beside what it would have been without resizes. */
  summary(): RunSummary {
    return summarise(this.truth());
  }

  /** Lets a fault happen now. */
  inject(fault: Fault): void {
    this.#faults.inject(fault);
  }

  /** What the agent of the node would measure, without files. */
  samplerOf(node: string): ModelSampler {
    const known = this.#samplers.get(node);
    if (known) return known;
    const { machine, facts } = this.#node(node);
    const sampler = new ModelSampler({ machine, facts, clock: this.#options.clock });
    this.#samplers.set(node, sampler);
    return sampler;
  }

  /** A token by which the agent of the node proves which node it is on. */
  agentToken(node: string): string {
    const { username, audience } = agentIdentity;
    const extra = { "authentication.kubernetes.io/node-name": [node] };
    return this.api.tokens.issue({ username, extra, audiences: [audience] }, { sub: username, aud: [audience], node });
  }

  /** A node that is there, with what its object says of it. */
  #candidate({ name, memoryBytes }: SimNode["facts"]): readonly Candidate[] {
    const cpu = valueAt(this.api.store.get("nodes", "", name) ?? {}, ["status", "allocatable", "cpu"]);
    return cpu === undefined
      ? []
      : [{ name, allocatable: { cpu: parseCpu(asText(cpu), `${name}.allocatable.cpu`), memory: memoryBytes } }];
  }

  #makeNodes(writer: StoreWriter): readonly SimNode[] {
    const { scenario, clock, directory } = this.#options;
    const around = { writer, clock, rng: this.#rng, seed: scenario.seed, directory };
    const named = scenario.nodes.flatMap((group) => nodeNames(group).map((name) => ({ group, name })));
    return named.map(({ group, name }, index) => makeNode(group, name, index + 1, around));
  }

  #makeFaults(): FaultRunner {
    const { clock, programs = nobody } = this.#options;
    return new FaultRunner(clock, {
      api: this.api,
      programs,
      spared: ownAgent,
      fillNode: (node, request, useCores) => this.#fill(node, request, useCores),
      restartContainer: (namespace, pod, container) => this.#restart(namespace, pod, container),
      setBadReports: (node, bad) => {
        this.samplerOf(node).setBad(bad);
        this.#node(node).machine.setSpoiled(bad);
      },
    });
  }

  async #openFiles(): Promise<void> {
    const { kubeconfigPath } = this;
    if (kubeconfigPath === null) return;
    this.#listening = await this.api.listen(0);
    writeKubeconfig(kubeconfigPath, this.#listening.url);
    for (const node of this.nodes) writeToken(node, this.agentToken(node.facts.name));
  }

  /** Tells the kubelet concerned; one that cannot cope with a pod says so and does not hold up the others. */
  #dispatch({ type, collection, object }: StoreEvent): void {
    if (collection !== "pods") return;
    const node = this.#byName.get(asText(object.spec?.["nodeName"]));
    if (!node) return;
    try {
      if (type === "DELETED") node.kubelet.podGone(object.metadata.uid ?? "");
      else node.kubelet.podChanged(object);
    } catch (error) {
      this.#logger.error({ pod: object.metadata.name, error: describeError(error) }, "kubelet cannot run the pod");
    }
  }

  #fill(node: string, request: string, useCores: number): void {
    const name = `filler-${++this.#fillers}`;
    const load = JSON.stringify({ demand: { kind: "constant", cores: useCores } });
    const body = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: "default", annotations: { [loadAnnotation("app")]: load } },
      spec: {
        nodeName: node,
        containers: [{ name: "app", image: "local/load:1", resources: { requests: { cpu: request } } }],
      },
    };
    createPod(this.#transport, { namespace: "default", name, body }).catch((error: unknown) =>
      this.#logger.warn({ node, error: describeError(error) }, "the node could not be filled"),
    );
  }

  #restart(namespace: string, name: string, container: string): void {
    const pod = this.api.store.get("pods", namespace, name);
    const node = this.#byName.get(asText(pod?.spec?.["nodeName"]));
    if (!node?.kubelet.restartContainer(pod?.metadata.uid ?? "", container)) {
      this.#logger.warn({ pod: `${namespace}/${name}`, container }, "no such container to restart");
    }
  }

  #node(name: string): SimNode {
    const node = this.#byName.get(name);
    if (!node) throw new RangeError(`there is no node ${name}`);
    return node;
  }
}
