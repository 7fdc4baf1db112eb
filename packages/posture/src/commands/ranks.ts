import { rankManager } from "@walras/controller/batch";
import { applyObject, type KubeTransport, listAll, resources } from "@walras/kube";

import { type Labels, shownName } from "./kinds.ts";
import type { Teller } from "./teller.ts";

interface Node {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Labels;
    readonly managedFields?: readonly {
      readonly manager?: string;
      readonly fieldsV1?: { readonly "f:metadata"?: { readonly "f:labels"?: Readonly<Record<string, unknown>> } };
    }[];
  };
}

/** Labels that the ranker has written on the node. */
function rankedLabels({ metadata }: Node): readonly string[] {
  return (metadata.managedFields ?? [])
    .filter(({ manager }) => manager === rankManager)
    .flatMap(({ fieldsV1 }) => Object.keys(fieldsV1?.["f:metadata"]?.["f:labels"] ?? {}))
    .filter((field) => field.startsWith("f:"))
    .map((field) => field.slice("f:".length))
    .toSorted();
}

/** Takes the ranker's labels from every node; those of the same name that others wrote stay. */
export async function removeRanks(transport: KubeTransport, teller: Teller): Promise<void> {
  let nodes: readonly Node[] = [];
  try {
    nodes = (await listAll(transport, resources.node)).items as readonly Node[];
  } catch (error) {
    return teller.failed("nodes", error);
  }
  for (const node of nodes) {
    const labels = rankedLabels(node);
    if (labels.length > 0) await removeFrom(transport, { node, labels, teller });
  }
}

interface Ranked {
  readonly node: Node;
  readonly labels: readonly string[];
  readonly teller: Teller;
}

/** In the ranker's own name, who then names no label: the server removes what nobody else has written too. */
async function removeFrom(transport: KubeTransport, { node, labels, teller }: Ranked): Promise<void> {
  const { name } = node.metadata;
  const what = shownName(resources.node, name);
  const target = { resource: resources.node, name: { namespace: "", name } };
  try {
    const after = (await applyObject(transport, target, {}, { fieldManager: rankManager, force: true })) as Node;
    const gone = labels.filter((label) => after.metadata.labels?.[label] === undefined);
    if (gone.length > 0) teller.did(what, `lost its labels ${gone.join(", ")}`);
  } catch (error) {
    teller.failed(what, error);
  }
}
