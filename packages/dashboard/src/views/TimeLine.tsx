import type { DashboardPod } from "@walras/api";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";

import { clockText, cpuText, numberText, orUnknown, priceText } from "../state/format.ts";
import { cpuColumns, lastText, priceColumns, throttlingColumns } from "../state/timeline.ts";
import { Chart, type Line } from "../widgets/Chart.tsx";
import { useModel } from "../widgets/context.ts";
import { Notice } from "../widgets/Notice.tsx";
import { type Column, Table } from "../widgets/Table.tsx";
import { useList } from "../widgets/useList.ts";

const cpuLines: readonly Line[] = [
  { label: "use", colour: "--series-use" },
  { label: "request", colour: "--series-request", steps: true },
  { label: "limit", colour: "--series-limit", steps: true },
  { label: "use under the declared limit", colour: "--series-ghost", dashed: true },
];
const throttlingLines: readonly Line[] = [
  { label: "throttled", colour: "--series-throttled" },
  { label: "under the declared limit", colour: "--series-ghost", dashed: true },
];
const priceLines: readonly Line[] = [{ label: "price of its node", colour: "--series-price" }];

interface TimeLineProps {
  readonly data: DashboardPod;
  /** The decision that is looked at; null: none. */
  readonly markedId: number | null;
}

/** Use, throttling and price over one time, with the decisions in it. */
export function TimeLine({ data, markedId }: TimeLineProps): JSX.Element {
  const model = useModel();
  if (data.points.t.length === 0)
    return (
      <Notice title="No sample yet">
        <p>Recording of this pod has just begun. The first samples come within seconds.</p>
      </Notice>
    );
  return (
    <section class="panel" aria-labelledby="timeline">
      <div class="title">
        <h2 id="timeline">Time line</h2>
        <button
          type="button"
          aria-pressed={model.isTable.value}
          onClick={() => (model.isTable.value = !model.isTable.value)}
        >
          As a table <kbd>t</kbd>
        </button>
      </div>
      <p class="muted">{lastText(data)}</p>
      {model.isTable.value ? <Samples data={data} /> : <Charts data={data} markedId={markedId} />}
    </section>
  );
}

function coresOf(value: number): string {
  return cpuText(value * 1000);
}

function secondsOf(value: number): string {
  return `${numberText(value)} s`;
}

function Charts({ data, markedId }: TimeLineProps): JSX.Element {
  const columns = useMemo(() => [cpuColumns(data), throttlingColumns(data), priceColumns(data)] as const, [data]);
  const marked = data.decisions.findIndex(({ id }) => id === markedId);
  const decisions = { marks: data.decisions.map(({ atMs }) => atMs), marked };
  return (
    <>
      <Chart title="Cores" columns={columns[0]} lines={cpuLines} height={230} text={coresOf} {...decisions} />
      <Chart
        title="Throttled seconds a second"
        columns={columns[1]}
        lines={throttlingLines}
        height={130}
        text={secondsOf}
        {...decisions}
      />
      <Chart
        title="Price a core"
        columns={columns[2]}
        lines={priceLines}
        height={110}
        text={priceText}
        {...decisions}
      />
    </>
  );
}

/** The time line in numbers, newest first. */
function Samples({ data }: { readonly data: DashboardPod }): JSX.Element {
  const { points, ghost } = data;
  const rows = [...points.t.keys()].toReversed();
  const cursor = useList({ name: `samples-of-${data.uid}`, keys: rows.map(String), open: () => {} });
  const column = (head: string, series: readonly (number | null)[], by: string): Column<number> => ({
    head,
    num: true,
    by,
    cell: (row) => orUnknown(series[row] ?? null, cpuText),
  });
  return (
    <Table
      caption="Samples, newest first."
      nameHead="Time"
      rows={rows}
      keyOf={String}
      nameOf={(row) => clockText((points.t[row] ?? 0) * 1000)}
      hrefOf={() => location.hash}
      columns={[
        column("Use", points.used, "pod.used"),
        column("Request", points.request, "pod.request"),
        column("Limit", points.limit, "pod.limit"),
        column("Throttled", points.throttled, "pod.throttled"),
        column("Throttled if declared", ghost.throttled, "ghost.throttledSeconds"),
        { head: "Price", num: true, by: "node.price", cell: (row) => orUnknown(points.price[row] ?? null, priceText) },
      ]}
      cursor={cursor}
    />
  );
}
