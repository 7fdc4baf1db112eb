import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { intentResource, type IntentStatus, kpiProfileResource } from "@walras/api";
import { EmbeddedKnowledge } from "@walras/controller/intents/knowledge";
import { silentLogger } from "@walras/kit";

import type { Stage } from "./stage.ts";
import { eventually } from "./wait.ts";

const workloads = {
  Deployment: { apiVersion: "apps/v1", kind: "Deployment", plural: "deployments", namespaced: true },
  ReplicaSet: { apiVersion: "apps/v1", kind: "ReplicaSet", plural: "replicasets", namespaced: true },
} as const;

/** What it takes of a stage. */
type Place = Omit<Stage, "close">;

interface Serving {
  readonly kind?: keyof typeof workloads;
  /** "": none is declared. */
  readonly cpu?: string;
}

/** What latency comes to by load and replicas, as documents of models have it. */
interface Model {
  readonly popt: readonly number[];
  readonly throughputScale: readonly number[];
  readonly throughputRange: readonly number[];
  readonly replicaRange: readonly number[];
}

/** How a planner of tests is set. */
export interface Setting {
  /** Of the Intent web. */
  readonly model: Model;
  /** `planner.stability` of defaults.json. */
  readonly stability: Readonly<Record<string, number>>;
  /** What replicas and CPU may be added to see what comes of it. */
  readonly mostGuessed: { readonly replicas: number; readonly cpuMilli: number };
}

/** With the prototype's canonical model. */
const usual: Setting = {
  model: {
    popt: [0.306355135, 0.193240314, 53.0816499, 0.0147372746],
    throughputScale: [0.00214390554, 0.99935682854],
    throughputRange: [0, 10_000],
    replicaRange: [1, 12],
  },
  stability: { stabilisation: 6, shrink_cool_down: 5, stale_after: 20 },
  mostGuessed: { replicas: 2, cpuMilli: 2_000 },
};

/** A pod, as far as tests of intents look at it. */
export interface ServingPod {
  readonly name: string;
  readonly cpuRequest: string;
  readonly restarts: number;
}

interface RawPod {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly containers: readonly { readonly resources?: { readonly requests?: { readonly cpu?: string } } }[];
  };
  readonly status?: { readonly containerStatuses?: readonly { readonly restartCount: number }[] };
}

/** Workloads with KPI targets, and a Prometheus that measures them. */
export class IntentStage {
  readonly #stage: Place;
  readonly #prometheus: { readonly url: string };

  constructor(stage: Place, prometheus: { readonly url: string }) {
    this.#stage = stage;
    this.#prometheus = prometheus;
  }

  /** Flags of a planner that is quick, and knows a model of the Intent web. */
  async configured({ model, stability, mostGuessed }: Setting = usual): Promise<readonly string[]> {
    const { folder } = this.#stage.programs;
    const file = (name: string, content: object): Promise<void> =>
      writeFile(join(folder, name), JSON.stringify(content));
    await mkdir(join(folder, "actuators"));
    await file("defaults.json", {
      controller: { controller_timeout: 2, plan_cache_ttl: 4_000, telemetry_endpoint: this.#endpoint },
      planner: { stability },
    });
    await file("actuators/scale_out.json", { max_proactive_scale_out: mostGuessed.replicas });
    await file("actuators/cpu_scale.json", { max_proactive_cpu: mostGuessed.cpuMilli, cpu_max: 2_000 });
    await this.#teach(join(folder, "knowledge"), { ...model });
    return [
      "--parts=intents",
      `--intents-config=${join(folder, "defaults.json")}`,
      `--intents-actuators=${join(folder, "actuators")}`,
      `--intents-knowledge=${join(folder, "knowledge")}`,
    ];
  }

  /** @param kind Deployment or ReplicaSet @param cpu of each pod */
  async serve(name: string, replicas: number, { kind = "Deployment", cpu = "100m" }: Serving = {}): Promise<void> {
    const { cluster, namespace } = this.#stage;
    const resources = cpu === "" ? {} : { requests: { cpu }, limits: { cpu } };
    const container = {
      name: "app",
      image: cluster.target.loadImage,
      imagePullPolicy: "Never",
      args: ["0"],
      resources,
    };
    const pods = { terminationGracePeriodSeconds: 0, containers: [container] };
    await cluster.create(workloads[kind], namespace, {
      metadata: { name },
      spec: {
        replicas,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: pods },
      },
    });
    const path = "jsonpath={.status.readyReplicas}";
    await eventually(
      `pods of ${name}`,
      () => this.#kubectl("get", kind, name, "-o", path),
      (ready) => ready === String(replicas),
      60_000,
    );
  }

  async profile(name: string, type: string, query = name): Promise<void> {
    const spec = { type, query, minimize: type === "latency", props: { endpoint: this.#endpoint } };
    await this.#stage.cluster.create(kpiProfileResource, this.#stage.namespace, { metadata: { name }, spec });
  }

  /** An Intent of the workload of its name. */
  async intent(name: string, objectives: Readonly<Record<string, number>>, kind = "Deployment"): Promise<void> {
    const { cluster, namespace } = this.#stage;
    const wanted = Object.entries(objectives).map(([kpi, value]) => ({
      name: kpi,
      value,
      measuredBy: `${namespace}/${kpi}`,
    }));
    await cluster.create(intentResource, namespace, {
      metadata: { name },
      spec: { targetRef: { kind, name: `${namespace}/${name}` }, priority: 1, objectives: wanted },
    });
  }

  async forget(name: string): Promise<void> {
    await this.#kubectl("delete", "intent", name);
  }

  async status(name: string): Promise<IntentStatus> {
    const text = await this.#kubectl("get", "intent", name, "-o=json");
    return (JSON.parse(text) as { readonly status?: IntentStatus }).status ?? {};
  }

  async replicas(name: string, kind = "Deployment"): Promise<number> {
    return Number(await this.#kubectl("get", kind, name, "-o=jsonpath={.spec.replicas}"));
  }

  /** Of the Deployment's template and replicas. */
  async generation(name: string): Promise<number> {
    return Number(await this.#kubectl("get", "deployment", name, "-o=jsonpath={.metadata.generation}"));
  }

  async pods(name: string): Promise<readonly ServingPod[]> {
    const { items } = JSON.parse(await this.#kubectl("get", "pods", "-l", `app=${name}`, "-o=json")) as {
      readonly items: readonly RawPod[];
    };
    return items.map(({ metadata, spec, status }) => ({
      name: metadata.name,
      cpuRequest: spec.containers[0]?.resources?.requests?.cpu ?? "",
      restarts: status?.containerStatuses?.[0]?.restartCount ?? 0,
    }));
  }

  get #endpoint(): string {
    return `${this.#prometheus.url}/api/v1/query`;
  }

  #kubectl(...args: readonly string[]): Promise<string> {
    return this.#stage.cluster.kubectl("-n", this.#stage.namespace, ...args);
  }

  async #teach(folder: string, data: Record<string, unknown>): Promise<void> {
    const bounds = { mostBytes: 2 ** 24, mostEventsOfIntent: 1_000, keptMs: 86_400_000 };
    const base = new EmbeddedKnowledge({ folder, logger: silentLogger, ...bounds });
    await base.start();
    const { namespace } = this.#stage;
    const named = { name: `${namespace}/web`, group: "scaling", profileName: `${namespace}/p99` };
    await base.learn({ ...named, static: true, timestamp: Date.now(), data });
    await base.stop();
  }
}
