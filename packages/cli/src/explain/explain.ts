import type { ExplainedKind, Explanation } from "@walras/api";
import type { KubeTransport } from "@walras/kube";

import { explainApp } from "./app.ts";
import { explainGpu } from "./gpu.ts";
import { explainIntent } from "./intent.ts";
import { explainNode } from "./node.ts";
import { explainPod } from "./pod.ts";
import { explainSlot } from "./slot.ts";

/** What may be said of any explanation. */
export interface ExplainOptions {
  /** Of what is named without one. */
  readonly namespace?: string;
  /** Where CARLA runs. */
  readonly carlaNamespace: string;
  /** The label of nodes that take jobs, KEY=VALUE. */
  readonly batchEligible: string;
  /** The planner's ops port. */
  readonly view?: string;
  readonly tokenFile?: string;
}

const defaultNamespace = "default";

/**
 * How something stands and why, from the objects that say so.
 *
 * @param name NAME or NAMESPACE/NAME; NODE:INDEX of a GPU
 * @throws FieldError where there is none of that name, ClusterError, KubeError
 */
export function explain(
  kind: ExplainedKind,
  name: string,
  { namespace, carlaNamespace, batchEligible, ...view }: ExplainOptions,
  transport: KubeTransport,
): Promise<Explanation> {
  const home = namespace ?? defaultNamespace;
  switch (kind) {
    case "node":
      return explainNode(name, transport);
    case "app":
      return explainApp(name, { namespace, carlaNamespace }, transport);
    case "slot":
      return explainSlot(name, { namespace: home, nodeLabel: batchEligible }, transport);
    case "gpu":
      return explainGpu(name, transport);
    case "intent":
      return explainIntent(name, { namespace: home, ...view }, transport);
    case "pod":
    default:
      return explainPod(name, home, transport);
  }
}
