import { managedLabel } from "@walras/api";
import { parseQuantity } from "@walras/kit";
import { type KubeTransport, listAll, resources } from "@walras/kube";

import type { Answer, Check } from "./check.ts";
import { type Named, someOf, unlessForbidden } from "./lists.ts";

/** What stands in the way of resizes, in namespaces that have pods on the market. */
export function admissionChecks(transport: KubeTransport): readonly Check[] {
  return [
    { name: "LimitRanges", run: () => unlessForbidden("limitranges", () => limitRanges(transport)) },
    { name: "ResourceQuotas", run: () => unlessForbidden("resourcequotas", () => quotas(transport)) },
  ];
}

async function limitRanges(transport: KubeTransport): Promise<Answer> {
  const bounds = (await optedIn<LimitRange>(transport, "LimitRange")).flatMap(({ metadata, spec }) => {
    const cpu = (spec?.limits ?? []).flatMap(boundsOfCpu);
    return cpu.length === 0 ? [] : [`${metadata.namespace}/${metadata.name} (${cpu.join("; ")})`];
  });
  if (bounds.length === 0) return { verdict: "ok", detail: "none bounds CPU where pods are managed" };
  const advice = "resizes beyond are refused: widen them, or set mbcas.io/min-cpu and mbcas.io/max-cpu within";
  return { verdict: "warn", detail: `${someOf(bounds)} bind: ${advice}` };
}

interface LimitRange extends Named {
  readonly spec?: { readonly limits?: readonly LimitRangeItem[] };
}

interface LimitRangeItem {
  readonly type: string;
  readonly min?: Amounts;
  readonly max?: Amounts;
  readonly maxLimitRequestRatio?: Amounts;
}

type Amounts = Readonly<Record<string, string>>;

/** `Container min 100m, ratio 4` */
function boundsOfCpu({ type, min, max, maxLimitRequestRatio }: LimitRangeItem): readonly string[] {
  if (type !== "Container" && type !== "Pod") return [];
  const named = { min, max, ratio: maxLimitRequestRatio };
  const bounds = Object.entries(named).flatMap(([name, amounts]) =>
    amounts?.["cpu"] ? `${name} ${amounts["cpu"]}` : [],
  );
  return bounds.length === 0 ? [] : [`${type} ${bounds.join(", ")}`];
}

/** A quota with less than this left refuses raises before long. */
const nearShare = 0.1;
const countedCpu = ["cpu", "requests.cpu", "limits.cpu"] as const;

interface Quota extends Named {
  readonly spec?: { readonly hard?: Amounts };
  readonly status?: { readonly used?: Amounts };
}

async function quotas(transport: KubeTransport): Promise<Answer> {
  const counting = (await optedIn<Quota>(transport, "ResourceQuota")).flatMap((quota) => readings(quota));
  if (counting.length === 0) return { verdict: "ok", detail: "none counts CPU where pods are managed" };
  const near = counting.filter(({ leftShare }) => leftShare < nearShare).map(({ text }) => text);
  const all = counting.map(({ text }) => text);
  if (near.length === 0) return { verdict: "ok", detail: `${someOf(all)}: room for raises is left` };
  return { verdict: "warn", detail: `${someOf(near)}: raises will be refused; raise the quota` };
}

function readings({ metadata, spec, status }: Quota): readonly { readonly text: string; readonly leftShare: number }[] {
  return countedCpu.flatMap((name) => {
    const hard = spec?.hard?.[name];
    if (hard === undefined) return [];
    const used = status?.used?.[name] ?? "0";
    const field = `resourcequota ${metadata.namespace}/${metadata.name}.${name}`;
    const most = parseQuantity(hard, field);
    const text = `${metadata.namespace}/${metadata.name} ${name} ${used} of ${hard}`;
    return { text, leftShare: most === 0 ? 0 : 1 - parseQuantity(used, field) / most };
  });
}

/** The objects of a kind that are in a namespace with pods on the market. */
async function optedIn<Item extends Named>(transport: KubeTransport, kind: string): Promise<readonly Item[]> {
  const resource = { apiVersion: "v1", kind, plural: `${kind.toLowerCase()}s`, namespaced: true };
  const { items } = await listAll(transport, resource);
  if (items.length === 0) return [];
  const namespaces = await managedNamespaces(transport);
  return (items as readonly Item[]).filter(({ metadata }) => namespaces.has(metadata.namespace ?? ""));
}

async function managedNamespaces(transport: KubeTransport): Promise<ReadonlySet<string>> {
  const labelSelector = `${managedLabel}=true`;
  const [whole, pods] = await Promise.all([
    listAll(transport, resources.namespace, { labelSelector }),
    listAll(transport, resources.pod, { labelSelector }),
  ]);
  return new Set([
    ...(whole.items as readonly Named[]).map(({ metadata }) => metadata.name),
    ...(pods.items as readonly Named[]).map(({ metadata }) => metadata.namespace ?? ""),
  ]);
}
