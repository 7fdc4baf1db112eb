import { describeError } from "@walras/kit";
import { KubeError, type KubeTransport, listAll, objectPath, resources } from "@walras/kube";

import type { Answer, Check } from "./check.ts";
import { someOf } from "./lists.ts";

/** With it a kubelet looks at a pod again as soon as it has resized it (kubernetes#137362). */
const gate = "PLEGOnDemandRelist";
/** Kubelets of one version are mostly set alike. */
const mostAsked = 5;

interface Node {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly nodeInfo?: { readonly kubeletVersion?: string } };
}

/** How soon a resize is confirmed: what it frees can be given to another no sooner. */
export function kubeletCheck(transport: KubeTransport): Check {
  return { name: "kubelet status delay", run: () => statusDelay(transport) };
}

async function statusDelay(transport: KubeTransport): Promise<Answer> {
  const { items } = await listAll(transport, resources.node);
  const oneOfEach = new Map(
    (items as readonly Node[]).map((node) => [node.status?.nodeInfo?.kubeletVersion ?? "", node.metadata.name]),
  );
  const asked = [...oneOfEach].slice(0, mostAsked);
  const answers = await Promise.all(asked.map(([version, name]) => answerOf(transport, name, version)));
  const unknown = answers.filter(({ isOn }) => isOn === null);
  const slow = answers.filter(({ isOn }) => isOn === false);
  const names = (some: typeof answers): string => someOf(some.map(({ text }) => text));
  if (slow.length > 0)
    return { verdict: "warn", detail: `about 1.8 s on ${names(slow)}: switch the kubelet's feature gate ${gate} on` };
  if (unknown.length > 0)
    return { verdict: "warn", detail: `unknown on ${names(unknown)}; about 1.8 s without ${gate}` };
  return { verdict: "ok", detail: `about 0.2 s: ${gate} is on at ${names(answers)}` };
}

/** @returns isOn null: not known, and why in the text */
async function answerOf(
  transport: KubeTransport,
  name: string,
  version: string,
): Promise<{ readonly isOn: boolean | null; readonly text: string }> {
  const text = `node ${name} (${version || "of unknown version"})`;
  try {
    const path = objectPath(resources.node, { namespace: "", name }, "proxy/configz");
    const { kubeletconfig } = (await transport.send({ method: "GET", path })) as KubeletConfigz;
    return { isOn: kubeletconfig?.featureGates?.[gate] === true, text };
  } catch (error) {
    const forbidden = error instanceof KubeError && error.status === 403;
    return { isOn: null, text: `${text}: ${forbidden ? "may not get nodes/proxy" : describeError(error)}` };
  }
}

interface KubeletConfigz {
  readonly kubeletconfig?: { readonly featureGates?: Readonly<Record<string, boolean>> };
}
