import type { Labels, Manifest } from "./load.ts";

interface Container {
  readonly name: string;
  readonly image: string;
  readonly imagePullPolicy?: string;
  readonly args?: readonly string[];
  readonly resources?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
}

interface PodTemplate {
  readonly metadata: { readonly labels: Labels };
  readonly spec: {
    readonly serviceAccountName?: string;
    readonly securityContext?: Readonly<Record<string, unknown>>;
    readonly tolerations?: readonly Readonly<Record<string, string>>[];
    readonly containers: readonly Container[];
    readonly volumes?: readonly ({ readonly name: string } & Readonly<Record<string, unknown>>)[];
  };
}

/** Pods as a manifest has them made. */
export interface Workload {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly spec: PodTemplate["spec"];
}

type Templated = Manifest & {
  readonly spec?: { readonly template?: PodTemplate; readonly jobTargetRef?: { readonly template: PodTemplate } };
};

/** The pods of Deployments, DaemonSets and ScaledJobs. */
export function workloads(objects: readonly Manifest[]): readonly Workload[] {
  return objects.flatMap((object) => {
    const { metadata, spec } = object as Templated;
    const template = spec?.template ?? spec?.jobTargetRef?.template;
    if (template === undefined) return [];
    const { name, namespace = "default" } = metadata;
    return { name, namespace, labels: template.metadata.labels, spec: template.spec };
  });
}

/** @throws Error where there is none of that name */
export function workloadOf(objects: readonly Manifest[], name: string): Workload {
  const found = workloads(objects).find((workload) => workload.name === name);
  if (found === undefined) throw new Error(`there is no workload ${name}`);
  return found;
}

/** Ports of a workload's containers: by name too, as policies and probes may name them. */
export function portsOf({
  spec,
}: Pick<Workload, "spec">): readonly { readonly name?: string; readonly containerPort: number }[] {
  return spec.containers.flatMap(({ ports = [] }) => ports);
}
