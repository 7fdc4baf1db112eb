import type { DashboardGpus } from "@walras/api";
import type { JSX } from "preact";

import { countText, numberText, orUnknown, shareText, spanText } from "../state/format.ts";
import { type GpuRow, gpuRows, gpuState, sayText } from "../state/gpu.ts";
import { formatRoute } from "../state/route.ts";
import { useModel } from "../widgets/context.ts";
import { Explained } from "../widgets/Explained.tsx";
import { Fact } from "../widgets/Fact.tsx";
import { Answer, Notice } from "../widgets/Notice.tsx";
import { type Column, Table } from "../widgets/Table.tsx";
import { useAsked } from "../widgets/useAsked.ts";
import { useList, useMatching } from "../widgets/useList.ts";

import { Rack } from "./Rack.tsx";

const refreshMs = 10_000;

/** Who sits on which GPU, by what was meant, and by what kubelet, container and process say. */
export function Gpus({ item }: { readonly item: string | null }): JSX.Element {
  const asked = useAsked<DashboardGpus>("gpus", refreshMs);
  return (
    <>
      <h1>GPUs</h1>
      <Answer asked={asked.value} what="the GPUs">
        {(data) => <Told data={data} item={item} />}
      </Answer>
    </>
  );
}

function Told({ data, item }: { readonly data: DashboardGpus; readonly item: string | null }): JSX.Element {
  const rows = useMatching(gpuRows(data), rowText);
  const model = useModel();
  const cursor = useList({
    name: "gpus",
    keys: rows.map(({ key }) => key),
    open: (key) => model.go({ at: "list", view: "gpus", item: key }),
  });
  if (data.nodes.length === 0)
    return (
      <Notice title="No GPU">
        <p>No agent tells of a GPU.</p>
      </Notice>
    );
  const looked = item === null ? rows[cursor.index] : gpuRows(data).find(({ key }) => key === item);
  return (
    <>
      <section class="panel" aria-label="All GPUs">
        <GpuFacts data={data} />
        <Rack nodes={data.nodes} looked={looked} />
      </section>
      {looked === undefined ? <Notice title={`${item ?? "Nothing"}: no such GPU`} /> : <Looked row={looked} />}
      <Table
        caption="A line for each GPU and pod. Four tell who has it: what was chosen, the kubelet, the container, the processes."
        nameHead="GPU"
        rows={rows}
        keyOf={({ key }) => key}
        nameOf={({ node, gpu }) => `${node} #${gpu.index}`}
        hrefOf={({ key }) => formatRoute({ at: "list", view: "gpus", item: key })}
        columns={columns}
        cursor={cursor}
      />
    </>
  );
}

function rowText({ key, gpu }: GpuRow): string {
  return `${key} ${gpu.model} ${gpuState(gpu)}`;
}

function GpuFacts({ data }: { readonly data: DashboardGpus }): JSX.Element {
  const gpus = data.nodes.flatMap(({ gpus: all }) => all);
  const troubles = data.nodes.flatMap(({ node, trouble }) => (trouble === null ? [] : [`${node}: ${trouble}`]));
  return (
    <dl class="facts">
      <Fact name="GPUs">{countText(gpus.length)}</Fact>
      <Fact name="Free">{countText(gpus.filter((gpu) => gpuState(gpu) === "free").length)}</Fact>
      <Fact name="Drifted">
        <span class={data.drifted > 0 ? "bad" : ""}>
          <Explained by="gpu.drift">{countText(data.drifted)}</Explained>
        </span>
      </Fact>
      <Fact name="Pods that wait">
        {data.waiting.length === 0
          ? "none"
          : data.waiting.map(({ namespace, pod, gpus: want }) => `${namespace}/${pod} (${want})`).join(", ")}
      </Fact>
      <Fact name="Not told whole">{troubles.length === 0 ? "none" : troubles.join("; ")}</Fact>
      <Fact name="Oldest report">{spanText(Math.max(...data.nodes.map(({ ageMs }) => ageMs)))}</Fact>
    </dl>
  );
}

function Looked({ row: { node, gpu, seat } }: { readonly row: GpuRow }): JSX.Element {
  return (
    <section class="panel" aria-label={`${node} #${gpu.index}`}>
      <h2>
        {node} #{gpu.index} <span class="muted">{gpu.model}</span>
      </h2>
      <dl class="facts">
        <Fact name="UUID">{gpu.uuid}</Fact>
        <Fact name="Health">{gpu.unhealthy ?? "well, as far as is known"}</Fact>
        <Fact name="Temperature">{orUnknown(gpu.temperatureCelsius, (celsius) => `${numberText(celsius)} °C`)}</Fact>
        <Fact name="MIG">{gpu.mig ?? "unknown"}</Fact>
        <Fact name="Processes of no pod">{gpu.foreignPids.length === 0 ? "none" : gpu.foreignPids.join(", ")}</Fact>
        <Fact name="Pod">
          {seat === null ? (
            "none"
          ) : (
            <a
              href={formatRoute({ at: "pod", namespace: seat.namespace, pod: seat.pod })}
            >{`${seat.namespace}/${seat.pod}`}</a>
          )}
        </Fact>
      </dl>
    </section>
  );
}

const says = (field: "intended" | "kubelet" | "container" | "process", head: string): Column<GpuRow> => ({
  head,
  cell: ({ seat }) =>
    seat === null ? "" : <span class={seat[field] === null ? "muted" : ""}>{sayText(seat[field])}</span>,
});

const columns: readonly Column<GpuRow>[] = [
  { head: "Used", num: true, cell: ({ gpu }) => orUnknown(gpu.utilisation, shareText) },
  {
    head: "Memory MiB",
    num: true,
    cell: ({ gpu }) => `${orUnknown(gpu.memoryUsedMiB, countText)} / ${orUnknown(gpu.memoryTotalMiB, countText)}`,
  },
  {
    head: "Pod",
    cell: ({ seat }) => (seat === null ? <span class="muted">none</span> : `${seat.namespace}/${seat.pod}`),
  },
  says("intended", "Chosen"),
  says("kubelet", "Kubelet"),
  says("container", "Container"),
  says("process", "Process"),
  {
    head: "Drift",
    by: "gpu.drift",
    cell: ({ seat }) => (seat?.drift ? <span class="tag bad">drift</span> : <span class="muted">none</span>),
  },
];
