import { type Explanation, podAllocationResource } from "@walras/api";
import { type KubeTransport, resources } from "@walras/kube";

import { eventsOn, newestOf, type TellingEvent } from "../cluster/events.ts";
import { managedAmong, type MarketPod, type NodeMarket, nodeMarkets } from "../cluster/market.ts";
import { isAlive, keyOf, type Node, type Pod } from "../cluster/objects.ts";
import { allocationsOf, named, selected } from "../cluster/read.ts";
import { usageOf } from "../cluster/usage.ts";
import { numberOf, type Numbered, type Reason, sourceOf, unreadEvents } from "./parts.ts";

/** How the CPU of a node is divided, from its pods' PodAllocations. @throws FieldError, ClusterError, KubeError */
export async function explainNode(name: string, transport: KubeTransport): Promise<Explanation> {
  const node = await named<Node>(transport, resources.node, { namespace: "", name }, "node");
  const pods = (await selected<Pod>(transport, resources.pod, { fieldSelector: `spec.nodeName=${name}` })).filter(
    isAlive,
  );
  const managed = managedAmong(pods, await allocationsOf(transport));
  const [market] = nodeMarkets([node], pods, managed) as readonly [NodeMarket];
  const { nodes: usage } = await usageOf(transport, "nodes");
  const events = await eventsOn(transport, "Node", node.metadata);
  const silent = silentSince(events);
  return {
    subject: { kind: "node", name },
    ...verdictOf(market, silent, managed),
    numbers: numbersOf(market, usage?.get(name)),
    unknown: [
      ...(events === null ? [unreadEvents] : []),
      ...(usage === null ? ["CPU in use: metrics.k8s.io is not served, or may not be read"] : []),
    ],
    events: events ?? [],
    sources: [
      sourceOf(resources.node, { namespace: "", name }, ".status.allocatable.cpu"),
      ...managed.slice(0, mostSources).map(({ allocation }) => sourceOf(podAllocationResource, allocation.metadata)),
    ],
  };
}

const mostSources = 20;
const mostNamed = 5;

/** The newest of what was told of its agent is that it is silent. */
function silentSince(events: readonly TellingEvent[] | null): TellingEvent | undefined {
  const last = newestOf(events, ["AgentSilent", "AgentReporting"]);
  return last?.reason === "AgentSilent" ? last : undefined;
}

type Verdict = Pick<Explanation, "state" | "verdict" | "since" | "reasons" | "change">;

interface Standing {
  readonly market: NodeMarket;
  readonly silent: TellingEvent | undefined;
  readonly managed: readonly MarketPod[];
}

/** The first that applies is told. */
const rules: readonly ((standing: Standing) => Verdict | null)[] = [
  ({ silent, market }) =>
    silent
      ? {
          state: "Unknown",
          verdict: `its agent is silent: ${market.managed} pods keep what they have`,
          since: silent.since,
          reasons: [{ reason: "AgentSilent", message: silent.message }],
          change: ["its agent reports again: kubectl -n walras-system get pods -o wide shows whether it runs"],
        }
      : null,
  ({ market }) =>
    market.managed === 0
      ? {
          ...calm("NotManaged", "no pod on it is on the market"),
          change: ["pods or their namespaces labelled mbcas.io/managed=true"],
        }
      : null,
  ({ market: { rationed, managed: count, price }, managed }) =>
    rationed > 0
      ? {
          state: "UsedUp",
          verdict: `its CPU is used up: ${rationed} of ${count} pods are rationed, at ${price ?? "an unknown price"} a core`,
          since: null,
          reasons: rationedOf(managed),
          change: [
            "pods that use less, or leave it",
            "more weight or a higher declared request for those that matter more",
          ],
        }
      : null,
  ({ market: { unknown, managed } }) =>
    unknown === managed
      ? {
          ...calm("Unknown", `of none of its ${managed} pods there is fresh telemetry`),
          change: ["its agent reports"],
        }
      : null,
  ({ market: { price } }) =>
    (price ?? 0) > 0
      ? {
          ...calm("Priced", `its CPU has a price of ${price ?? 0} a core, and nobody takes more than its share`),
          reasons: [
            {
              reason: "Priced",
              message: "more is wanted than there is: for less time than quotas wait, or by nobody beyond its share",
            },
          ],
        }
      : null,
];

function verdictOf(market: NodeMarket, silent: TellingEvent | undefined, managed: readonly MarketPod[]): Verdict {
  for (const rule of rules) {
    const verdict = rule({ market, silent, managed });
    if (verdict) return verdict;
  }
  return calm("Enough", `it has CPU enough for all ${market.managed} pods on the market`);
}

function calm(state: string, verdict: string): Verdict {
  return { state, verdict, since: null, reasons: [{ reason: state, message: verdict }], change: [] };
}

function rationedOf(managed: readonly MarketPod[]): Reason[] {
  return managed
    .filter(({ allocation }) => allocation.status?.rationCPU !== undefined)
    .slice(0, mostNamed)
    .map(({ pod, allocation }) => ({
      reason: "Rationed",
      message: `${keyOf(pod.metadata)}: ${allocation.status?.message ?? ""}`,
    }));
}

function numbersOf(market: NodeMarket, usedMilli: number | undefined): Numbered[] {
  const { node, allocatableMilli, promisedMilli, pods, managed, rationed, unknown, price, requestPrice } = market;
  const told = "the highest of what its pods' PodAllocations say";
  return [
    numberOf("allocatable", allocatableMilli, "m", `node ${node}.status.allocatable.cpu`),
    numberOf("promised", promisedMilli, "m", `sum of the requests of all ${pods} pods on it`),
    numberOf("used", usedMilli, "m", "metrics.k8s.io"),
    numberOf("price", price, "/core", `${told} in status.shadowPriceCPU`),
    numberOf("request price", requestPrice, "/core", `${told} in status.requestPriceCPU`),
    numberOf("pods on the market", managed, "", "pods on it that have a PodAllocation"),
    numberOf("rationed", rationed, "", "of these, those with status.rationCPU"),
    numberOf("held", unknown, "", "of these, those with status.binding Held: no fresh telemetry"),
  ];
}
