import type { DashboardNode, NodePod } from "@walras/api";
import type { JSX } from "preact";

import { cpuText, orUnknown, priceText, spanText } from "../state/format.ts";
import { formatRoute } from "../state/route.ts";
import { Bar } from "../widgets/Bar.tsx";
import { useModel } from "../widgets/context.ts";
import { Explained } from "../widgets/Explained.tsx";
import { Fact } from "../widgets/Fact.tsx";
import { Answer, Notice } from "../widgets/Notice.tsx";
import { type Column, Table } from "../widgets/Table.tsx";
import { useAsked } from "../widgets/useAsked.ts";
import { useList, useMatching } from "../widgets/useList.ts";

const refreshMs = 3_000;

/** A node's market: who wants, is guaranteed, is rationed and pays. */
export function Node({ node }: { readonly node: string }): JSX.Element {
  const asked = useAsked<DashboardNode>(`nodes/${encodeURIComponent(node)}`, refreshMs);
  return (
    <>
      <div class="title">
        <ul class="crumbs">
          <li>
            <a href="#/cpu">Nodes</a>
          </li>
          <li>
            <h1>{node}</h1>
          </li>
        </ul>
      </div>
      <Answer asked={asked.value} what={`node ${node}`}>
        {(data) => <Market data={data} />}
      </Answer>
    </>
  );
}

function Market({ data }: { readonly data: DashboardNode }): JSX.Element {
  return (
    <>
      {data.unknownBecause === null ? null : (
        <p class="warn" role="status">
          Nothing is known of it now: {data.unknownBecause}. Its pods keep what they have.
        </p>
      )}
      <section class="panel" aria-label="The node's CPU">
        <NodeFacts data={data} />
      </section>
      <Pods data={data} />
    </>
  );
}

function NodeFacts({ data }: { readonly data: DashboardNode }): JSX.Element {
  const now = useModel().nowMs.value;
  return (
    <dl class="facts">
      <Fact name="Price">
        <Explained by="node.price">{priceText(data.price)}</Explained> a core
      </Fact>
      <Fact name="Price of requests">
        <Explained by="node.requestPrice">{priceText(data.requestPrice)}</Explained> a core
      </Fact>
      <Fact name="State">{data.state}</Fact>
      <Fact name="Scarce">
        <Explained by="node.scarceSinceMs">
          {data.scarceSinceMs === null ? "no" : `for ${spanText(now - data.scarceSinceMs)}`}
        </Explained>
      </Fact>
      <Fact name="Used">
        {orUnknown(data.usedMilli, cpuText)} of {cpuText(data.cpuMilli)}
        <Bar parts={[{ share: (data.usedMilli ?? 0) / data.cpuMilli, kind: "use" }]} />
      </Fact>
      <Fact name="Promised">
        {cpuText(data.promisedMilli)} of {cpuText(data.allocatableMilli)}
        <Bar parts={[{ share: data.promisedMilli / data.allocatableMilli, kind: "request" }]} />
      </Fact>
      <Fact name="To divide">
        <Explained by="node.capacityMilli">{cpuText(data.capacityMilli)}</Explained>
      </Fact>
      <Fact name="Others use">
        <Explained by="node.othersMilli">{orUnknown(data.othersMilli, cpuText)}</Explained>
      </Fact>
    </dl>
  );
}

function Pods({ data }: { readonly data: DashboardNode }): JSX.Element {
  const model = useModel();
  const pods = useMatching(data.pods, podText);
  const cursor = useList({
    name: `pods-of-${data.node}`,
    keys: pods.map(nameOf),
    open: (key) => {
      const pod = pods.find((one) => nameOf(one) === key);
      if (pod !== undefined) model.go({ at: "pod", namespace: pod.namespace, pod: pod.name });
    },
  });
  if (data.pods.length === 0) return <Notice title="No pods">Nothing that is known runs on it.</Notice>;
  if (pods.length === 0) return <Notice title={`No pod meets the filter: ${model.filter.value}`} />;
  return (
    <>
      <Table
        caption="Pods. Who is rationed comes first, then who wants most."
        nameHead="Pod"
        rows={pods}
        keyOf={nameOf}
        nameOf={nameOf}
        hrefOf={({ namespace, name }) => formatRoute({ at: "pod", namespace, pod: name })}
        columns={podColumns}
        cursor={cursor}
      />
      {data.podsLeftOut === 0 ? null : <p class="muted">{data.podsLeftOut} more pods are not shown.</p>}
    </>
  );
}

function nameOf({ namespace, name }: NodePod): string {
  return `${namespace}/${name}`;
}

function podText(pod: NodePod): string {
  return `${nameOf(pod)} ${pod.binding} ${pod.standing}`;
}

const known = (value: number | null): string => orUnknown(value, cpuText);

const podColumns: readonly Column<NodePod>[] = [
  { head: "Wants", num: true, by: "nodePod.wantsMilli", cell: (pod) => known(pod.wantsMilli) },
  { head: "Guaranteed", num: true, by: "nodePod.guaranteedMilli", cell: (pod) => known(pod.guaranteedMilli) },
  {
    head: "Ration",
    num: true,
    by: "nodePod.rationMilli",
    cell: ({ rationMilli }) =>
      rationMilli === null ? <span class="muted">none</span> : <b class="warn">{cpuText(rationMilli)}</b>,
  },
  { head: "Uses", num: true, by: "nodePod.usedMilli", cell: (pod) => known(pod.usedMilli) },
  { head: "Throttled", num: true, by: "nodePod.throttledMilli", cell: (pod) => known(pod.throttledMilli) },
  { head: "Request", num: true, cell: (pod) => cpuText(pod.requestMilli) },
  { head: "Limit", num: true, cell: ({ limitMilli }) => (limitMilli === null ? "none" : cpuText(limitMilli)) },
  { head: "Weight", num: true, by: "nodePod.weight", cell: ({ weight }) => orUnknown(weight, priceText) },
  { head: "Pays", num: true, by: "nodePod.pays", cell: ({ pays }) => orUnknown(pays, priceText) },
  {
    head: "Credit",
    num: true,
    by: "nodePod.creditSeconds",
    cell: ({ creditSeconds }) => `${Math.round(creditSeconds)} s`,
  },
  { head: "Bound by", cell: ({ binding }) => binding },
  { head: "Standing", cell: ({ standing }) => standing },
];
