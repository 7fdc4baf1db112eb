// The Job controller and the scheduler's part in it, as far as slots depend on them, and KEDA's arithmetic.
import { credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { ExternalScalerClient } from "@walras/proto/externalscaler";
import type { ApiServer, JsonMap, KubeObject } from "@walras/sim/apiserver";
import { inProcessTransport, serveKind } from "@walras/sim/apiserver";

const runMs = 400;

/** Of a Job that no node takes. */
export const tooBig = { size: "too-big" };

/** Kinds that the embedded server does not have of its own. */
export async function serveBatchKinds(api: ApiServer): Promise<void> {
  const transport = inProcessTransport(api, "test");
  await serveKind(transport, { group: "batch", kind: "Job" });
  await serveKind(transport, { group: "keda.sh", version: "v1alpha1", kind: "ScaledJob" });
}

export async function createJob(
  api: ApiServer,
  { name, ...metadata }: { readonly name: string; readonly labels: JsonMap; readonly ownerReferences?: JsonMap[] },
  suspend: boolean,
): Promise<void> {
  await inProcessTransport(api, "test").send({
    method: "POST",
    path: "/apis/batch/v1/namespaces/default/jobs",
    body: { apiVersion: "batch/v1", kind: "Job", metadata: { name, ...metadata }, spec: { suspend } },
  });
}

async function createScaledJob(api: ApiServer, name: string, most: number, metadata: JsonMap): Promise<void> {
  const triggers = [{ type: "external", metadata }];
  await inProcessTransport(api, "test").send({
    method: "POST",
    path: "/apis/keda.sh/v1alpha1/namespaces/default/scaledjobs",
    body: {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledJob",
      metadata: { name },
      spec: { maxReplicaCount: most, triggers },
    },
  });
}

/** Makes a pod for each Job that runs, on a node that has the label of a slot and no job, and ends it after a while. */
export class JobController {
  readonly #api: ApiServer;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #started = new Set<string>();
  readonly #ended = new Set<string>();
  readonly #looks: NodeJS.Timeout;

  constructor(api: ApiServer) {
    this.#api = api;
    this.#looks = setInterval(() => this.#look(), 50);
  }

  stop(): void {
    clearInterval(this.#looks);
    for (const timer of this.#timers) clearTimeout(timer);
  }

  /** Jobs that have run to their end. */
  finished(): number {
    return this.#ended.size;
  }

  #look(): void {
    for (const job of this.#api.store.all("jobs.batch")) {
      const { suspend } = (job["spec"] ?? {}) as { readonly suspend?: boolean };
      const isTaken = this.#started.has(job.metadata.uid ?? "") || job.metadata.labels?.["size"] === tooBig.size;
      if (suspend === true || isFinished(job) || isTaken) continue;
      const node = this.#freeNode();
      if (node === undefined) return;
      this.#started.add(job.metadata.uid ?? "");
      this.#run(job, node);
    }
  }

  /** The scheduler keeps jobs off nodes without a slot; what it does not see is what the slots are for. */
  #freeNode(): string | undefined {
    const taken = new Set(
      [...this.#api.store.all("pods")]
        .filter((pod) => (pod.metadata.ownerReferences ?? []).some(({ kind }) => kind === "Job") && !isEnded(pod))
        .map((pod) => (pod["spec"] as { readonly nodeName: string }).nodeName),
    );
    const nodes = [...this.#api.store.all("nodes")].filter(
      ({ metadata }) => metadata.labels?.["posture/slot"] !== undefined,
    );
    return nodes.map(({ metadata }) => metadata.name).find((name) => !taken.has(name));
  }

  #run(job: KubeObject, nodeName: string): void {
    const { store } = this.#api;
    const { name, uid = "" } = job.metadata;
    const metadata = {
      name: `${name}-pod`,
      namespace: "default",
      uid: `pod-of-${uid}`,
      labels: { "batch.kubernetes.io/job-name": name },
      ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name, uid, controller: true }],
      creationTimestamp: new Date().toISOString(),
    };
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata,
      spec: { nodeName, containers: [] },
      status: { phase: "Running" },
    };
    store.put("pods", pod);
    this.#later(() => {
      store.put("pods", { ...pod, status: { phase: "Succeeded" } });
      this.#ended.add(uid);
      const now = store.get("jobs.batch", "default", name);
      if (now) store.put("jobs.batch", { ...now, status: { conditions: [{ type: "Complete", status: "True" }] } });
    });
  }

  #later(run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, runMs);
    this.#timers.add(timer);
  }
}

function isFinished(job: KubeObject): boolean {
  const { conditions = [] } = (job["status"] ?? {}) as { readonly conditions?: readonly { readonly type: string }[] };
  return conditions.some(({ type }) => type === "Complete");
}

function isEnded(pod: KubeObject): boolean {
  return (pod["status"] as { readonly phase: string }).phase === "Succeeded";
}

const triggerMetadata = { completions: "3" };

/** What of a ScaledJob differs. */
interface KedaOptions {
  /** 1 where not given. */
  readonly most?: number;
  /** Of its Jobs. */
  readonly labels?: JsonMap;
}

/**
 * One ScaledJob, made here, as KEDA's controller keeps it: asks each half
 * second, makes the jobs that are missing, and deletes those that have ended,
 * as with a history limit of 0.
 */
export class Keda {
  readonly #api: ApiServer;
  readonly #name: string;
  readonly #address: () => string;
  readonly #labels: JsonMap;
  readonly #looks: NodeJS.Timeout;
  #made = 0;
  #asking = false;

  static async begin(
    api: ApiServer,
    name: string,
    address: () => string,
    { most = 1, labels = {} }: KedaOptions = {},
  ): Promise<Keda> {
    await createScaledJob(api, name, most, triggerMetadata);
    return new Keda(api, name, address, labels);
  }

  private constructor(api: ApiServer, name: string, address: () => string, labels: JsonMap) {
    this.#labels = labels;
    this.#api = api;
    this.#name = name;
    this.#address = address;
    this.#looks = setInterval(() => void this.#look(), 500);
  }

  get made(): number {
    return this.#made;
  }

  stop(): void {
    clearInterval(this.#looks);
  }

  async #look(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    // Counted first: what ends while the scaler answers is KEDA's own race, and not what is tried here.
    const running = [...this.#api.store.all("jobs.batch")].filter(
      (job) => job.metadata.labels?.["scaledjob.keda.sh/name"] === this.#name && !isFinished(job),
    );
    const wanted = await this.#ask();
    for (let missing = wanted - running.length; missing > 0; missing -= 1) {
      this.#made += 1;
      const labels = { ...this.#labels, "scaledjob.keda.sh/name": this.#name };
      const name = `${this.#name}-${this.#made}`;
      await createJob(this.#api, { name, labels, ownerReferences: [this.#owner()] }, false);
    }
    this.#clean();
    this.#asking = false;
  }

  /** Also where the scaler has not answered. */
  #clean(): void {
    for (const job of this.#api.store.all("jobs.batch")) {
      const { name, labels = {} } = job.metadata;
      if (labels["scaledjob.keda.sh/name"] === this.#name && isFinished(job))
        this.#api.store.remove("jobs.batch", "default", name);
    }
  }

  #owner(): JsonMap {
    const uid = this.#api.store.get("scaledjobs.keda.sh", "default", this.#name)?.metadata.uid ?? "";
    return { apiVersion: "keda.sh/v1alpha1", kind: "ScaledJob", name: this.#name, uid, controller: true };
  }

  /** An answer that is an error makes no job. */
  async #ask(): Promise<number> {
    const client = new ExternalScalerClient(this.#address(), credentials.createInsecure());
    const scaledObjectRef = { name: this.#name, namespace: "default", scalerMetadata: triggerMetadata };
    const value = await new Promise<number>((resolve) => {
      const request = { scaledObjectRef, metricName: "available_node_count_30s" };
      const deadline = { deadline: Date.now() + 1_000 };
      client.getMetrics(request, new Metadata(), deadline, (error: ServiceError | null, answer) =>
        resolve(error ? 0 : (answer.metricValues[0]?.metricValueFloat ?? 0)),
      );
    });
    client.close();
    return value;
  }
}
