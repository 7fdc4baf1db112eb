import { join } from "node:path";

import { jobPlacement } from "@walras/posture/manifests";
import { mergePatch, objectPath, resources } from "@walras/kube";

import type { ServiceAccount } from "./programs.ts";
import type { Stage } from "./stage.ts";
import { eventually, pause } from "./wait.ts";

const root = join(import.meta.dirname, "..", "..");
const scaledJobs = { apiVersion: "keda.sh/v1alpha1", kind: "ScaledJob", plural: "scaledjobs", namespaced: true };
const secrets = { apiVersion: "v1", kind: "Secret", plural: "secrets", namespaced: true };
const triggerAuthentications = {
  apiVersion: "keda.sh/v1alpha1",
  kind: "TriggerAuthentication",
  plural: "triggerauthentications",
  namespaced: true,
};
/** KEDA's own ports are taken. */
export const scalerPort = 18_090;
export const pollingSeconds = 3;
/** Of the scaler by itself. */
export const scalerAccount: ServiceAccount = { namespace: "posture", name: "posture-external-scaler" };

export interface Job {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly suspend?: boolean };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

interface ScaledJob {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
  readonly spec: { readonly nodeName?: string };
  readonly status?: { readonly phase?: string };
}

/** Where a pod is; undefined: nowhere yet. */
export interface PodPlace {
  readonly name: string;
  readonly node: string | undefined;
}

export interface ScaledJobOptions {
  readonly most?: number;
  /** After which a job is ended. */
  readonly seconds?: number;
  readonly pollingSeconds?: number;
  /** What a job's pod requests. */
  readonly cpu?: string;
  readonly strategy?: "default" | "accurate" | "eager";
  /** Finished jobs that KEDA keeps. */
  readonly history?: number;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Name of the TriggerAuthentication that KEDA shows the scaler. */
  readonly authentication?: string;
  readonly tolerations?: readonly object[];
  /** Of the pod. */
  readonly labels?: Readonly<Record<string, string>>;
}

export const isFinished = ({ status }: Job): boolean =>
  (status?.conditions ?? []).some(
    ({ type, status: is }) => (type === "Complete" || type === "Failed") && is === "True",
  );

/** The ScaledJob that a job is of. */
export const scaledJobOf = ({ metadata }: Job): string | undefined => metadata.labels?.["scaledjob.keda.sh/name"];

/** The batch jobs of a stage's namespace. */
export class BatchJobs {
  /** Nodes that were ever seen with two jobs at once. */
  readonly crowded: string[] = [];
  readonly #stage: Stage;
  readonly #stopped = new AbortController();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** The rights that batch slots have in a cluster, of the scaler by itself and of the controller. */
  async install(): Promise<void> {
    await this.#apply("batch/namespace.yaml", "roles/batch/role.yaml", "kustomize/parts/batch/rbac.yaml");
    await this.#apply("batch/rbac.yaml");
  }

  /** The right that the scaler by itself has for relief. */
  async allowEviction(): Promise<void> {
    await this.#apply("roles/eviction/role.yaml", "batch/eviction/rbac.yaml");
  }

  async #apply(...files: readonly string[]): Promise<void> {
    for (const file of files)
      await this.#stage.cluster.kubectl("-n", scalerAccount.namespace, "apply", "-f", join(root, "deploy", file));
  }

  list(): Promise<readonly Job[]> {
    return this.#list<Job>("/apis/batch/v1", "jobs");
  }

  async unfinished(): Promise<readonly Job[]> {
    return (await this.list()).filter((job) => !isFinished(job) && job.spec.suspend !== true);
  }

  /** What a ScaledJob carries of its runs; "" where nothing was recorded. */
  async recordedRuns(name: string): Promise<string> {
    const path = objectPath(scaledJobs, { namespace: this.#stage.namespace, name });
    const { metadata } = (await this.#stage.cluster.transport.send({ method: "GET", path })) as ScaledJob;
    return metadata.annotations?.["walras.io/runs"] ?? "";
  }

  /** Of all Events of the namespace, as one text. */
  messages(): Promise<string> {
    const { cluster, namespace } = this.#stage;
    return cluster.kubectl("-n", namespace, "get", "events", "-o", "jsonpath={.items[*].message}");
  }

  /** Nodes of the pods that are not over, one for each pod. */
  async nodesInUse(): Promise<string[]> {
    return (await this.places()).flatMap(({ node }) => node ?? []);
  }

  /** The pods that are not over. */
  async places(): Promise<readonly PodPlace[]> {
    const pods = (await this.#pods()).filter(
      ({ status }) => status?.phase === "Pending" || status?.phase === "Running",
    );
    return pods.map(({ metadata, spec }) => ({ name: metadata.name, node: spec.nodeName }));
  }

  /** Notes whenever a node has two jobs, until closed. */
  watchCrowding(): void {
    void this.#watchCrowding();
  }

  create(name: string, options: ScaledJobOptions = {}): Promise<unknown> {
    return this.#stage.cluster.create(scaledJobs, this.#stage.namespace, this.#scaledJob(name, options));
  }

  /** What KEDA shows a scaler, and whom it trusts: PEM texts by the names that KEDA knows. */
  async authenticate(
    name: string,
    pems: Readonly<Record<"caCert" | "tlsClientCert" | "tlsClientKey", string>>,
  ): Promise<void> {
    const { cluster, namespace } = this.#stage;
    await cluster.create(secrets, namespace, { metadata: { name }, stringData: { ...pems } });
    const refs = Object.keys(pems).map((key) => ({ parameter: key, name, key }));
    await cluster.create(triggerAuthentications, namespace, { metadata: { name }, spec: { secretTargetRef: refs } });
  }

  /** A pod that burns a little, as a posture job's is placed. */
  template({ tolerations = [], labels = {}, cpu }: ScaledJobOptions = {}): object {
    const { loadImage } = this.#stage.cluster.target;
    const image = { image: loadImage, imagePullPolicy: "Never" };
    return {
      metadata: { labels: { app: "posture-analyzer", ...labels } },
      spec: {
        ...jobPlacement(),
        tolerations,
        restartPolicy: "Never",
        terminationGracePeriodSeconds: 0,
        containers: [{ name: "analyzer", ...image, args: ["0.05"], ...(cpu && { resources: { requests: { cpu } } }) }],
      },
    };
  }

  async remove(): Promise<void> {
    const { cluster, namespace } = this.#stage;
    await cluster.kubectl("-n", namespace, "delete", "scaledjobs", "--all");
    await eventually(
      "the jobs to be gone",
      async () => {
        // Again: KEDA may be making one for a ScaledJob that is gone.
        await cluster.kubectl("-n", namespace, "delete", "jobs", "--all", "--cascade=foreground");
        return [...(await this.list()), ...(await this.#pods())].map(({ metadata }) => metadata.name);
      },
      ({ length }) => length === 0,
      60_000,
    );
  }

  close(): void {
    this.#stopped.abort();
  }

  #scaledJob(name: string, options: ScaledJobOptions): Record<string, unknown> {
    const authentication = options.authentication && { authenticationRef: { name: options.authentication } };
    const asked = { scalerAddress: `127.0.0.1:${scalerPort}`, metricName: "available_node_count_30s" };
    return {
      metadata: { name },
      spec: {
        pollingInterval: options.pollingSeconds ?? pollingSeconds,
        maxReplicaCount: options.most ?? 1,
        rollout: { strategy: "gradual" },
        ...(options.strategy && { scalingStrategy: { strategy: options.strategy } }),
        ...(options.history !== undefined && {
          successfulJobsHistoryLimit: options.history,
          failedJobsHistoryLimit: options.history,
        }),
        jobTargetRef: {
          backoffLimit: 0,
          activeDeadlineSeconds: options.seconds ?? 4,
          template: this.template(options),
        },
        triggers: [
          { type: "external", metadata: { ...asked, completions: "1", ...options.metadata }, ...authentication },
        ],
      },
    };
  }

  async #pods(): Promise<readonly Pod[]> {
    const pods = await this.#list<Pod>("/api/v1", "pods");
    return pods.filter(({ metadata }) => (metadata.ownerReferences ?? []).some(({ kind }) => kind === "Job"));
  }

  async #list<Item>(api: string, plural: string): Promise<readonly Item[]> {
    const path = `${api}/namespaces/${this.#stage.namespace}/${plural}`;
    return ((await this.#stage.cluster.transport.send({ method: "GET", path })) as { items: Item[] }).items;
  }

  async #watchCrowding(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const nodes = await this.nodesInUse().catch(() => []);
      for (const node of new Set(nodes))
        if (nodes.filter((other) => other === node).length > 1) this.crowded.push(node);
      await pause(200);
    }
  }
}

/** Lets jobs go to a node, or not any more. */
export function setEligible(stage: Stage, node: string, value: "true" | null): Promise<unknown> {
  return mergePatch(
    stage.cluster.transport,
    { resource: resources.node, name: { namespace: "", name: node } },
    { metadata: { labels: { "posture/eligible": value } } },
  );
}
