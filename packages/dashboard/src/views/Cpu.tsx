import type { DashboardSummary } from "@walras/api";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";

import { heatOf, orders, priceSteps, stateName, unknownState } from "../state/cells.ts";
import { countText, orUnknown, priceText, shareText } from "../state/format.ts";
import { beside, type Direction, type Grid, gridOf } from "../state/grid.ts";
import { type Move, moved } from "../state/list.ts";
import { formatRoute } from "../state/route.ts";
import { useModel } from "../widgets/context.ts";
import { HeatMap } from "../widgets/HeatMap.tsx";
import { Notice } from "../widgets/Notice.tsx";
import { type Column, Table } from "../widgets/Table.tsx";
import { type Cursor, useList } from "../widgets/useList.ts";

import { Lately } from "./Lately.tsx";

/** Every node by its price, as a map or as a table. */
export function Cpu(): JSX.Element {
  const model = useModel();
  const { value: summary } = model.summary;
  if (summary === null) return <Notice title="Waiting for the controller's summary …" />;
  if (!summary.cells.node.some((node) => node !== ""))
    return (
      <Notice title="No nodes">
        <p>The controller knows of no node yet. It reads them from the API server, and their use from the agents.</p>
      </Notice>
    );
  return <Nodes summary={summary} rows={model.rows.value} />;
}

interface NodesProps {
  readonly summary: DashboardSummary;
  readonly rows: readonly number[];
}

function Nodes({ summary, rows }: NodesProps): JSX.Element {
  const model = useModel();
  const grid = useRef<Grid>(gridOf(0, 0, 0));
  const { cells } = summary;
  const keys = rows.map((row) => cells.node[row] ?? "");
  const isTable = model.isTable.value;
  const open = (node: string): void => model.go({ at: "node", node });
  const cursor = useList({
    name: "node",
    keys,
    open,
    step: (index, move) => (isTable ? moved(index, keys.length, move) : onMap(grid.current, index, keys.length, move)),
    aside: (index, to) => (isTable ? index : beside(grid.current, keys.length, index, to)),
  });
  return (
    <>
      <NodesTitle shown={rows.length} all={summary.strip.nodes} />
      {rows.length === 0 ? <Notice title={`No node meets the filter: ${model.filter.value}`} /> : null}
      {isTable ? <NodeTable summary={summary} rows={rows} cursor={cursor} /> : null}
      {isTable || rows.length === 0 ? null : (
        <NodeMap summary={summary} rows={rows} cursor={cursor} grid={grid} open={open} />
      )}
      <Lately />
    </>
  );
}

/** Pages are no thing of a map: they lead to its ends. */
function onMap(grid: Grid, index: number, count: number, move: Move): number {
  const directions: Partial<Record<Move, Direction>> = { up: "up", down: "down" };
  const direction = directions[move];
  return direction === undefined ? moved(index, count, move) : beside(grid, count, index, direction);
}

function NodesTitle({ shown, all }: { readonly shown: number; readonly all: number }): JSX.Element {
  const model = useModel();
  return (
    <div class="title">
      <h1>Nodes by price</h1>
      <span class="muted">{shown === all ? countText(all) : `${countText(shown)} of ${countText(all)}`}</span>
      <span role="group" aria-label="Order">
        {orders.map((order) => (
          <button
            type="button"
            key={order}
            aria-pressed={model.order.value === order}
            onClick={() => (model.order.value = order)}
          >
            by {order === "used" ? "use" : order}
          </button>
        ))}
      </span>
      <button
        type="button"
        aria-pressed={model.isTable.value}
        onClick={() => (model.isTable.value = !model.isTable.value)}
      >
        As a table <kbd>t</kbd>
      </button>
    </div>
  );
}

const heatColours = [0, 1, 2, 3, 4, 5, 6].map((step) => `--heat-${step}`);

interface MapProps extends NodesProps {
  readonly cursor: Cursor;
  readonly grid: { current: Grid };
  readonly open: (node: string) => void;
}

function NodeMap({ summary: { cells }, rows, cursor, grid, open }: MapProps): JSX.Element {
  const rowAt = (index: number): number => rows[index] ?? -1;
  const chosen = cells.node[rowAt(cursor.index)] ?? "";
  return (
    <section class="heat" aria-label="Map of nodes">
      <HeatMap
        label="Nodes by price: arrows move, Enter opens"
        count={rows.length}
        heatOf={(index) => heatOf(cells.price[rowAt(index)] ?? 0, cells.state[rowAt(index)] ?? unknownState)}
        textOf={(index) => cellText(cells, rowAt(index))}
        cursor={cursor}
        open={(index) => open(cells.node[rowAt(index)] ?? "")}
        colours={heatColours}
        unknownColour="--heat-unknown"
        grid={grid}
      />
      <Legend />
      <p class="pick">
        {chosen === "" ? "No node is chosen." : <a href={formatRoute({ at: "node", node: chosen })}>{chosen}</a>}
        {chosen === "" ? null : (
          <span class="muted"> {cellText(cells, rowAt(cursor.index)).slice(chosen.length + 1)}</span>
        )}
      </p>
    </section>
  );
}

/** What a square says, in words. */
function cellText({ node, price, used, state, pods, rationed }: DashboardSummary["cells"], row: number): string {
  const isUnknown = (state[row] ?? unknownState) === unknownState;
  const told = isUnknown
    ? "nothing is known of it now"
    : `price ${priceText(price[row] ?? 0)}, ${orUnknown(used[row] ?? null, (percent) => `${percent} %`)} of its CPU used`;
  return `${node[row] ?? ""}: ${told}, ${countText(pods[row] ?? 0)} pods, ${countText(rationed[row] ?? 0)} of them rationed`;
}

function Legend(): JSX.Element {
  const bounds = priceSteps.map(priceText);
  const names = ["price 0", ...bounds.map((bound) => `to ${bound}`), `above ${bounds.at(-1) ?? ""}`];
  return (
    <ul class="legend" aria-label="Colours">
      {names.map((name, step) => (
        <li key={name}>
          <span class={`swatch h${step}`} />
          {name}
        </li>
      ))}
      <li>
        <span class="swatch unknown" />
        hollow: unknown
      </li>
    </ul>
  );
}

function NodeTable({ summary: { cells }, rows, cursor }: NodesProps & { readonly cursor: Cursor }): JSX.Element {
  return (
    <Table
      caption="Nodes. Price is per core of what is used."
      nameHead="Node"
      rows={rows}
      keyOf={(row) => cells.node[row] ?? ""}
      nameOf={(row) => cells.node[row] ?? ""}
      hrefOf={(row) => formatRoute({ at: "node", node: cells.node[row] ?? "" })}
      columns={columnsOf(cells)}
      cursor={cursor}
    />
  );
}

function columnsOf({ price, used, state, pods, rationed }: DashboardSummary["cells"]): readonly Column<number>[] {
  return [
    { head: "State", cell: (row) => stateName(state[row] ?? unknownState) },
    {
      head: "Price",
      num: true,
      by: "cell.price",
      cell: (row) => (state[row] === unknownState ? "unknown" : priceText(price[row] ?? 0)),
    },
    {
      head: "CPU used",
      num: true,
      by: "cell.used",
      cell: (row) => orUnknown(used[row] ?? null, (percent) => shareText(percent / 100)),
    },
    { head: "Pods", num: true, cell: (row) => countText(pods[row] ?? 0) },
    { head: "Rationed", num: true, cell: (row) => countText(rationed[row] ?? 0) },
  ];
}
