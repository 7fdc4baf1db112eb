import { existsSync } from "node:fs";
import { join } from "node:path";

import type { PodAllocation } from "@walras/api";
import { podAllocationResource } from "@walras/api";
import {
  collectionPath,
  createObject,
  deleteObject,
  getObject,
  HttpTransport,
  KubeError,
  type KubeObject,
  type KubeTransport,
  loadEndpoint,
  type Resource,
  resources,
} from "@walras/kube";
import { execa } from "execa";

import type { TestCluster } from "../providers/provider.ts";
import { eventually } from "./wait.ts";

const root = join(import.meta.dirname, "..", "..");

/** A pod as tests look at it. */
export interface PodView {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly generation?: number;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly { readonly name: string; readonly resources?: Resources }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly qosClass?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

interface ContainerStatus {
  readonly name: string;
  readonly containerID?: string;
  readonly restartCount: number;
  readonly resources?: Resources;
  readonly state?: { readonly running?: object };
}

interface Resources {
  readonly requests?: { readonly cpu?: string; readonly memory?: string };
  readonly limits?: { readonly cpu?: string; readonly memory?: string };
}

interface LiveEvent {
  readonly reason?: string;
  readonly note?: string;
  readonly regarding?: { readonly name?: string };
  readonly series?: { readonly count: number };
}

/** The administrator's hands on the cluster under test. */
export class Cluster {
  readonly target: TestCluster;
  readonly transport: KubeTransport & { close(): Promise<void> };

  private constructor(target: TestCluster, transport: HttpTransport) {
    this.target = target;
    this.transport = transport;
  }

  static async of(target: TestCluster): Promise<Cluster> {
    const monotonicMs = (): number => performance.now();
    const endpoint = await loadEndpoint(target.kubeconfig, monotonicMs);
    return new Cluster(target, new HttpTransport({ endpoint, userAgent: "walras-e2e", monotonicMs }));
  }

  /** Where an emptyDir volume of a pod is on this machine; null where it cannot be reached. */
  emptyDir(node: string, podUid: string, volume: string): string | null {
    const folder = this.target.kubeletFolder(node);
    if (folder === null) return null;
    const path = join(folder, "pods", podUid, "volumes", "kubernetes.io~empty-dir", volume);
    return existsSync(path) ? path : null;
  }

  /** Our own command line, as whoever may do everything. */
  async walras(...args: string[]): Promise<string> {
    const program = join(root, "packages", "cli", "src", "main.ts");
    const command = [program, ...args, "--kubeconfig", this.target.kubeconfig];
    return (await execa(process.execPath, command, { stdin: "ignore" })).stdout;
  }

  /** kubectl, for what users do with it. */
  async kubectl(...args: string[]): Promise<string> {
    const { stdout } = await execa("kubectl", ["--kubeconfig", this.target.kubeconfig, ...args], { stdin: "ignore" });
    return stdout;
  }

  /** Whoever has the autoscaler has its own definition, which stays. */
  async #serveVertical(): Promise<void> {
    const known = await this.kubectl("get", "crd", "verticalpodautoscalers.autoscaling.k8s.io", "--ignore-not-found");
    if (known === "") await this.kubectl("create", "-f", join(import.meta.dirname, "verticalPodAutoscaler.yaml"));
  }

  /** Installs what a controller outside the cluster needs: CRDs, rights and names. */
  async install(): Promise<void> {
    await this.kubectl("apply", "--server-side", "--force-conflicts", "-k", join(root, "deploy", "crds"));
    await this.#serveVertical();
    await this.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s");
    for (const file of ["namespace.yaml", "base/rbac.yaml"]) {
      const args = file === "base/rbac.yaml" ? ["-n", "walras-system"] : [];
      await this.kubectl(
        ...args,
        "apply",
        "--server-side",
        "--force-conflicts",
        "-f",
        join(root, "deploy", "kustomize", file),
      );
    }
  }

  async createNamespace(name: string, labels: Record<string, string> = {}): Promise<void> {
    await createObject(this.transport, resources.namespace, "", { metadata: { name, labels } });
    await eventually(
      "service account",
      () => this.kubectl("-n", name, "get", "serviceaccount", "-o", "name"),
      (text) => text.includes("default"),
    );
  }

  async deleteNamespace(name: string): Promise<void> {
    await this.kubectl("delete", "namespace", name, "--wait=false", "--ignore-not-found");
    await this.kubectl("-n", name, "delete", "pods", "--all", "--force", "--grace-period=0", "--ignore-not-found");
  }

  create(resource: Resource, namespace: string, body: KubeObject): Promise<unknown> {
    return createObject(this.transport, resource, namespace, body);
  }

  async pod(namespace: string, name: string): Promise<PodView> {
    return (await getObject(this.transport, resources.pod, { namespace, name })) as PodView;
  }

  async pods(): Promise<readonly PodView[]> {
    const list = await this.transport.send({ method: "GET", path: collectionPath(resources.pod) });
    return (list as { items: PodView[] }).items;
  }

  deletePod(namespace: string, name: string): Promise<void> {
    return deleteObject(this.transport, resources.pod, { namespace, name });
  }

  async allocation(namespace: string, pod: string): Promise<PodAllocation | null> {
    try {
      return (await getObject(this.transport, podAllocationResource, {
        namespace,
        name: `${namespace}-${pod}`,
      })) as PodAllocation;
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return null;
      throw error;
    }
  }

  /** Reasons of the Events about an object. */
  async eventReasons(namespace: string, name: string): Promise<readonly string[]> {
    return (await this.events(namespace, name)).map(({ reason }) => reason);
  }

  /** How often an object was told that reason: those that were counted together, each. */
  async timesTold(namespace: string, name: string, reason: string): Promise<number> {
    const told = (await this.events(namespace, name)).filter((event) => event.reason === reason);
    return told.reduce((sum, { times }) => sum + times, 0);
  }

  /** Events about an object. */
  async events(
    namespace: string,
    name: string,
  ): Promise<readonly { readonly reason: string; readonly note: string; readonly times: number }[]> {
    const list = await this.transport.send({ method: "GET", path: collectionPath(resources.event, namespace) });
    return (list as { items: LiveEvent[] }).items
      .filter(({ regarding }) => regarding?.name === name)
      .map(({ reason = "", note = "", series }) => ({ reason, note, times: series?.count ?? 1 }));
  }
}
