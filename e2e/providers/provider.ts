/** A real cluster to test on. */
export interface TestCluster {
  readonly kubeconfig: string;
  /** Nodes whose kernel files this machine sees, so that agents can run here as processes. */
  readonly localNodes: readonly string[];
  /** An image that burns the CPU its argument says, or that /tmp/cores says. */
  readonly loadImage: string;
  /** Where the node's kubelet keeps its sockets and its pods' volumes on this machine; null where that cannot be reached. */
  kubeletFolder(node: string): string | null;
  /** Faults; null where the provider has no hold of the control plane. */
  readonly controlPlane: ControlPlane | null;
}

/** A cluster of which nothing is on this machine. */
export function elsewhere(kubeconfig: string, loadImage: string): TestCluster {
  return { kubeconfig, localNodes: [], loadImage, kubeletFolder: () => null, controlPlane: null };
}

/** Hold of the processes behind the API. */
export interface ControlPlane {
  killApiServer(): Promise<void>;
  startApiServer(): Promise<void>;
  pauseEtcd(forMs: number): Promise<void>;
  /** Takes the API server away for a while, and lets no component of the cluster end of that. */
  outage(forMs: number): Promise<void>;
  /** The address of this machine as pods on the node see it. */
  hostAddressFor(node: string): string;
  /** Puts an image on a node, or on each of several. @param archive of the image */
  loadImage(nodes: string | readonly string[], archive: string): Promise<void>;
  /** Starts a node with cgroup v2, with these images loaded; answers its name. */
  startV2Node(images: readonly string[]): Promise<string>;
  /** It is no node any more: an emulated one takes from the machine that the other suites measure. */
  stopV2Node(): Promise<void>;
  /**
   * Starts what of Argo CD is not running; it looks for Applications in argocd and in clinic-*.
   *
   * @param resyncSeconds how often it compares each anew; undefined: often, for tests
   */
  startArgo(resyncSeconds?: number): Promise<void>;
  /**
   * Starts another node with the load image; answers its name. Nodes from 2 on know how busy they are themselves.
   *
   * @param reservedCpu of the machine's CPU, which is not allocatable there
   */
  startNode(index: number, reservedCpu?: string): Promise<string>;
  /** Ends the kubelet of such a node and starts another; its pods run on. */
  restartKubelet(index: number): Promise<void>;
  /** Ends such a node; its pods must have gone. */
  stopNode(index: number): Promise<void>;
  /** Starts a metrics server, so that metrics.k8s.io is served. */
  startMetrics(): Promise<void>;
  /** Ends it, and with it the group: a group that nobody serves would hold up the ends of namespaces. */
  stopMetrics(): Promise<void>;
  /** Starts KEDA's operator if it is not running. */
  startKeda(): Promise<void>;
  stopKeda(): Promise<void>;
  /** Starts fake nodes kwok-1 to kwok-COUNT, where each pod of a Job runs for so long; answers how to take them away. */
  startFakeNodes(count: number, jobSeconds: number): Promise<() => Promise<void>>;
  /** Ends Argo CD's API server and its controller, or all of it. */
  stopArgo(all?: "all"): Promise<void>;
}

/** Makes a cluster and takes it away again. */
export interface Provider {
  readonly name: string;
  up(): Promise<TestCluster>;
  down(): Promise<void>;
}
