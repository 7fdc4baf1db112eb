import { scaledJobResource } from "@walras/controller/batch";
import { type KubeObject, type Resource, resources } from "@walras/kube";

export const configMapResource: Resource = {
  apiVersion: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  namespaced: true,
};

/** One object of the example, whole. */
export interface Manifest {
  readonly resource: Resource;
  readonly object: KubeObject & { readonly metadata: ManifestMeta };
}

interface ManifestMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Labels;
}

export type Labels = Readonly<Record<string, string>>;

/** What tells the example's objects from all others. */
export const ownLabels: Labels = { "app.kubernetes.io/part-of": "posture", "app.kubernetes.io/managed-by": "walras" };
export const podLabels: Labels = { app: "posture-analyzer", ...ownLabels };

/** The API's syntax for objects that have all of `labels`. */
export function selectorOf(labels: Labels): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

/** What is looked for when the example is taken down, in this order: a ScaledJob that stays would start more jobs. */
export const ownKinds: readonly OwnKind[] = [
  { resource: scaledJobResource, selector: selectorOf(ownLabels) },
  { resource: resources.job, selector: "scaledjob.keda.sh/name", isOurs: makesOurPods },
  { resource: resources.pod, selector: selectorOf(podLabels) },
  { resource: configMapResource, selector: selectorOf(ownLabels) },
];

export interface OwnKind {
  readonly resource: Resource;
  readonly selector: string;
  /** Where labels do not tell. */
  readonly isOurs?: (object: unknown) => boolean;
}

/** The labels of a Job are KEDA's to choose; those of its pods are as the ScaledJob says. */
function makesOurPods(job: unknown): boolean {
  const { spec } = job as {
    readonly spec?: { readonly template?: { readonly metadata?: { readonly labels?: Labels } } };
  };
  const labels = spec?.template?.metadata?.labels ?? {};
  return Object.entries(podLabels).every(([key, value]) => labels[key] === value);
}

/** An object as kubectl names it: scaledjob.keda.sh/posture-analyzer-job-0 */
export function shownName({ apiVersion, kind }: Resource, name: string): string {
  const [group] = apiVersion.includes("/") ? apiVersion.split("/") : [];
  return `${kind.toLowerCase()}${group === undefined ? "" : `.${group}`}/${name}`;
}
