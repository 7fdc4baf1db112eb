/** Every right of one role to one resource, as deploy/ grants it. */
export interface Right {
  readonly role: string;
  readonly group: string;
  /** `pods/resize`: with its subresource. */
  readonly resource: string;
  readonly verbs: readonly string[];
  /** Where the controller runs only; elsewhere everywhere. */
  readonly atHome?: true;
  /** Of one object alone. */
  readonly name?: string;
  /** Without this flag it can do without. */
  readonly onlyFor?: string;
}

const watched = ["list", "watch"];

/** deploy/kustomize/base/rbac.yaml */
const base: readonly Right[] = [
  ...["pods", "nodes", "namespaces"].map((resource) => ({ role: "walras-base", group: "", resource, verbs: watched })),
  { role: "walras-base", group: "events.k8s.io", resource: "events", verbs: ["create", "patch"] },
  { role: "walras-base", group: "authentication.k8s.io", resource: "tokenreviews", verbs: ["create"] },
  { role: "walras-base", group: "authorization.k8s.io", resource: "subjectaccessreviews", verbs: ["create"] },
];

function lease(role: string): Right {
  const verbs = ["get", "create", "update"];
  return { role, group: "coordination.k8s.io", resource: "leases", verbs, atHome: true };
}

const allocations = "allocation.mbcas.io";

/** deploy/kustomize/base/rbac.yaml */
const market: readonly Right[] = [
  { role: "walras-market", group: "", resource: "pods/resize", verbs: ["patch"] },
  {
    role: "walras-market",
    group: allocations,
    resource: "podallocations",
    verbs: [...watched, "create", "patch", "delete"],
  },
  { role: "walras-market", group: allocations, resource: "podallocations/status", verbs: ["patch"] },
  {
    role: "walras-market",
    group: allocations,
    resource: "workloadprofiles",
    verbs: ["list", "create", "patch", "delete"],
  },
  ...["limitranges", "resourcequotas"].map((resource) => ({
    role: "walras-market",
    group: "",
    resource,
    verbs: watched,
  })),
  { role: "walras-market", group: "node.k8s.io", resource: "runtimeclasses", verbs: watched },
  { role: "walras-market", group: "autoscaling", resource: "horizontalpodautoscalers", verbs: watched },
  { role: "walras-market", group: "autoscaling.k8s.io", resource: "verticalpodautoscalers", verbs: watched },
];

/** deploy/roles/batch */
const batch: readonly Right[] = [
  { role: "walras-batch", group: "", resource: "nodes", verbs: ["patch"] },
  { role: "walras-batch", group: "batch", resource: "jobs", verbs: [...watched, "patch"] },
  { role: "walras-batch", group: "keda.sh", resource: "scaledjobs", verbs: [...watched, "patch"] },
];

/** deploy/roles/gpu */
const gpu: readonly Right[] = [
  { role: "walras-gpu", group: "", resource: "pods", verbs: ["get", "patch"] },
  { role: "walras-gpu", group: "", resource: "pods/binding", verbs: ["create"] },
  { role: "walras-gpu", group: "", resource: "pods/status", verbs: ["patch"] },
  { role: "walras-gpu", group: "", resource: "pods/eviction", verbs: ["create"] },
  { role: "walras-gpu", group: "policy", resource: "poddisruptionbudgets", verbs: watched },
  ...[
    ["resourceslices", watched],
    ["deviceclasses", watched],
    ["resourceclaims", [...watched, "patch"]],
    ["resourceclaims/status", ["patch"]],
    ["resourceclaims/binding", ["patch"]],
  ].map(([resource, verbs]) => ({ role: "walras-gpu", group: "resource.k8s.io", resource, verbs }) as Right),
  { role: "walras-gpu", group: "gpu.walras.io", resource: "gpuschedulingmaps", verbs: watched },
  { role: "walras-gpu", group: "gpu.walras.io", resource: "gpuschedulingmaps/status", verbs: ["patch"] },
];

/** deploy/roles/intents */
const intents: readonly Right[] = [
  ["ido.intel.com", "intents", watched],
  ["ido.intel.com", "kpiprofiles", watched],
  ["ido.intel.com", "intents/status", ["patch"]],
  ["ido.intel.com", "kpiprofiles/status", ["patch"]],
  ["apps", "deployments", ["get", ...watched, "patch"]],
  ["apps", "replicasets", ["get", ...watched]],
  ["apps", "deployments/scale", ["get", "patch"]],
  ["apps", "replicasets/scale", ["get", "patch"]],
  ["", "pods", ["patch"]],
  ["", "pods/resize", ["patch"]],
  ["", "pods/eviction", ["create"]],
  ["policy", "poddisruptionbudgets", ["list"]],
  ["autoscaling", "horizontalpodautoscalers", watched],
  ["keda.sh", "scaledobjects", watched],
  ["autoscaling.k8s.io", "verticalpodautoscalers", watched],
  ["allocation.mbcas.io", "podallocations", watched],
].map(([group, resource, verbs]) => ({ role: "walras-intents", group, resource, verbs }) as Right);

/** deploy/roles/eviction */
const eviction: readonly Right[] = [
  { role: "walras-eviction", group: "", resource: "pods/eviction", verbs: ["create"] },
];

/** deploy/roles/carla, and deploy/carla/rbac.yaml where it is by itself */
const carla: readonly Right[] = [
  { role: "walras-carla", group: "", resource: "nodes", verbs: ["list"] },
  { role: "walras-carla", group: "metrics.k8s.io", resource: "nodes", verbs: ["list"] },
  { role: "carla-scheduler", group: "events.k8s.io", resource: "events", verbs: ["create", "patch"] },
];

/** The controller's parts. */
export const parts = ["market", "batch", "carla", "gpu", "intents"] as const;
export type PartName = (typeof parts)[number];

/** What the leader keeps the certificate of the agents' port in. */
const identity: readonly Right[] = [
  ["secrets", "walras-tls"],
  ["configmaps", "walras-controller-ca"],
].map(([resource = "", name = ""]) => ({
  role: "walras-controller-identity",
  group: "",
  resource,
  name,
  verbs: ["get", "patch"],
  atHome: true,
  onlyFor: "--tls-issue=self",
}));

const shared = [...base, lease("walras-controller-lease"), ...identity];

const rights: Readonly<Record<PartName, readonly Right[]>> = {
  market: [...shared, ...market],
  batch: [...shared, ...batch],
  carla: [...carla, lease("carla-scheduler-lease")],
  gpu: [...shared, ...gpu],
  intents: [...shared, ...intents],
};

/**
 * Every right that these parts need, each once.
 *
 * @param evicts whether batch slots may evict (--batch-evict)
 */
export function rightsOf(names: readonly PartName[], evicts: boolean): readonly Right[] {
  const needed = new Map<string, Right>();
  for (const right of [...names.flatMap((name) => rights[name]), ...(evicts ? eviction : [])]) {
    const key = `${right.group}/${right.resource} ${right.verbs.join(" ")}`;
    needed.set(key, needed.get(key) ?? right);
  }
  return [...needed.values()];
}
