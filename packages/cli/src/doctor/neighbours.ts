import { toHorizontalState, toVerticalState } from "@walras/controller/autoscalers";
import { KubeError, type KubeTransport, type Resource } from "@walras/kube";

import type { Answer, Check } from "./check.ts";
import { listIfServed, someOf, unlessForbidden } from "./lists.ts";

/** Others who read CPU requests, or set them. */
export function neighbourChecks(transport: KubeTransport): readonly Check[] {
  return [
    ...autoscalers.map(({ kind, apiVersion, ...rest }): Check => {
      const plural = `${kind.toLowerCase()}s`;
      const resource = { apiVersion, kind, plural, namespaced: true };
      return { name: `${kind}s`, run: () => unlessForbidden(plural, () => look(transport, { resource, ...rest })) };
    }),
    ...readers.map(({ name, group, plural, advice }): Check => ({
      name,
      run: async () => {
        if (!(await isServed(transport, group, plural))) return { verdict: "ok", detail: "not installed" };
        return { verdict: "warn", detail: advice };
      },
    })),
  ];
}

interface Autoscaler {
  /** Which of them matter; undefined: this one does not. */
  readonly read: (raw: unknown) => { readonly namespace: string; readonly name: string } | undefined;
  readonly none: string;
  readonly some: string;
}

const autoscalers: readonly (Autoscaler & { readonly kind: string; readonly apiVersion: string })[] = [
  {
    kind: "HorizontalPodAutoscaler",
    apiVersion: "autoscaling/v2",
    read: toHorizontalState,
    none: "none divides by CPU requests",
    some: "divide by CPU requests, which stay as declared there: by averageValue they would not, and requests could learn",
  },
  {
    kind: "VerticalPodAutoscaler",
    apiVersion: "autoscaling.k8s.io/v1",
    read: toVerticalState,
    none: "none acts on running pods",
    some: "act on running pods, which the market leaves alone: updateMode Off or Initial would leave them to the market",
  },
];

async function look(
  transport: KubeTransport,
  { resource, read, none, some }: Autoscaler & { readonly resource: Resource },
): Promise<Answer> {
  const items = await listIfServed(transport, resource);
  if (items === null) return { verdict: "ok", detail: "not served" };
  const found = items.flatMap((raw) => read(raw) ?? []);
  if (found.length === 0) return { verdict: "ok", detail: none };
  const names = found.map(({ namespace, name }) => `${namespace}/${name}`);
  return { verdict: "warn", detail: `${someOf(names)} ${some}` };
}

/** What is known by its kinds alone, which everybody may ask for. */
const readers = [
  {
    name: "Karpenter",
    group: "karpenter.sh",
    plural: "nodepools",
    advice:
      "packs nodes by requests, and pods come back at the size of their template: give NodePools a disruption budget, and a consolidateAfter longer than the quiet hours",
  },
  {
    name: "Kueue",
    group: "kueue.x-k8s.io",
    plural: "clusterqueues",
    advice: `counts requests when it admits, not after a resize: label queued workloads mbcas.io/managed: "false", or leave room in their quotas`,
  },
] as const;

export async function isServed(transport: KubeTransport, group: string, plural: string): Promise<boolean> {
  const ask = async (path: string): Promise<unknown> => transport.send({ method: "GET", path });
  try {
    const { versions = [] } = (await ask(`/apis/${group}`)) as { versions?: readonly { groupVersion: string }[] };
    for (const { groupVersion } of versions) {
      const { resources } = (await ask(`/apis/${groupVersion}`)) as { resources: readonly { name: string }[] };
      if (resources.some(({ name }) => name === plural)) return true;
    }
    return false;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return false;
    throw error;
  }
}
