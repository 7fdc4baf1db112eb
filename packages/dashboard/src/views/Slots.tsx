import type { DashboardSlot, DashboardSlots } from "@walras/api";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";

import { countText, orUnknown, shareText } from "../state/format.ts";
import { beside, type Grid, gridOf } from "../state/grid.ts";
import { moved } from "../state/list.ts";
import { formatRoute } from "../state/route.ts";
import { useModel } from "../widgets/context.ts";
import { Explained } from "../widgets/Explained.tsx";
import { Fact } from "../widgets/Fact.tsx";
import { HeatMap } from "../widgets/HeatMap.tsx";
import { Answer, Notice } from "../widgets/Notice.tsx";
import { type Column, Table } from "../widgets/Table.tsx";
import { useAsked } from "../widgets/useAsked.ts";
import { type Cursor, useList, useMatching } from "../widgets/useList.ts";

import { ScaledJobs } from "./ScaledJobs.tsx";

const refreshMs = 10_000;

/** Which nodes would take a batch job now. */
export function Slots({ item }: { readonly item: string | null }): JSX.Element {
  const asked = useAsked<DashboardSlots>("slots", refreshMs);
  return (
    <>
      <h1>Batch slots</h1>
      <Answer asked={asked.value} what="the slots">
        {(data) => (
          <>
            <section class="panel" aria-label="What may start">
              <SlotFacts data={data} />
            </section>
            <Nodes data={data} item={item} />
            <ScaledJobs jobs={data.scaledJobs} />
          </>
        )}
      </Answer>
    </>
  );
}

function SlotFacts({ data }: { readonly data: DashboardSlots }): JSX.Element {
  const { allowed, reason, threshold, promisedJobs, promisedGrants, stranded } = data;
  return (
    <dl class="facts">
      <Fact name="Jobs that may start">
        <Explained by="slots.allowed">{orUnknown(allowed, countText)}</Explained>
      </Fact>
      <Fact name="Why none">{reason ?? "some may"}</Fact>
      <Fact name="Threshold">
        <Explained by="slots.threshold">{shareText(threshold)}</Explained>
      </Fact>
      <Fact name="Jobs on no node yet">{countText(promisedJobs)}</Fact>
      <Fact name="Promised, not taken up">{countText(promisedGrants)}</Fact>
      <Fact name="Jobs that no node takes">
        <span class={stranded > 0 ? "bad" : ""}>{countText(stranded)}</span>
      </Fact>
    </dl>
  );
}

const states = ["free", "occupied", "busy", "ineligible"] as const;
const colours = ["--slot-free", "--slot-occupied", "--slot-busy", "--slot-ineligible"];

function Nodes({ data, item }: { readonly data: DashboardSlots; readonly item: string | null }): JSX.Element {
  const model = useModel();
  const grid = useRef<Grid>(gridOf(0, 0, 0));
  const slots = useMatching(data.slots, slotText);
  const isTable = model.isTable.value;
  const open = (node: string): void => model.go({ at: "list", view: "slots", item: node });
  const cursor = useList({
    name: "slots",
    keys: slots.map(({ node }) => node),
    open,
    step: (index, move) =>
      isTable || (move !== "up" && move !== "down")
        ? moved(index, slots.length, move)
        : beside(grid.current, slots.length, index, move),
    aside: (index, to) => (isTable ? index : beside(grid.current, slots.length, index, to)),
  });
  if (data.slots.length === 0) return <Notice title="No node has a slot">The controller knows of no node yet.</Notice>;
  if (slots.length === 0) return <Notice title={`No node meets the filter: ${model.filter.value}`} />;
  const looked = item === null ? slots[cursor.index] : data.slots.find(({ node }) => node === item);
  return (
    <section class="heat" aria-label="Nodes">
      <button type="button" class="own-width" aria-pressed={isTable} onClick={() => (model.isTable.value = !isTable)}>
        As a table <kbd>t</kbd>
      </button>
      {isTable ? (
        <SlotTable slots={slots} cursor={cursor} />
      ) : (
        <SlotMap slots={slots} cursor={cursor} grid={grid} open={open} />
      )}
      <p class="pick">{looked === undefined ? `${item ?? "No node"}: nothing is known of it.` : slotText(looked)}</p>
    </section>
  );
}

function slotText({ node, state, used, detail }: DashboardSlot): string {
  return `${node}: ${state}, ${orUnknown(used, shareText)} used; ${detail}`;
}

interface SlotsProps {
  readonly slots: readonly DashboardSlot[];
  readonly cursor: Cursor;
}

interface SlotMapProps extends SlotsProps {
  readonly grid: { current: Grid };
  readonly open: (node: string) => void;
}

function SlotMap({ slots, cursor, grid, open }: SlotMapProps): JSX.Element {
  const heatOf = (index: number): number | null => {
    const at = states.findIndex((state) => state === slots[index]?.state);
    return at < 0 ? null : at;
  };
  return (
    <>
      <HeatMap
        label="Nodes, free ones first: arrows move"
        count={slots.length}
        heatOf={heatOf}
        textOf={(index) => (slots[index] === undefined ? "" : slotText(slots[index]))}
        cursor={cursor}
        open={(index) => open(slots[index]?.node ?? "")}
        colours={colours}
        unknownColour="--heat-unknown"
        grid={grid}
      />
      <ul class="legend" aria-label="Colours">
        {states.map((state) => (
          <li key={state}>
            <span class={`swatch slot-${state}`} />
            {state}
          </li>
        ))}
        <li>
          <span class="swatch unknown" />
          hollow: unknown
        </li>
      </ul>
    </>
  );
}

const columns: readonly Column<DashboardSlot>[] = [
  { head: "State", cell: ({ state }) => state },
  { head: "CPU used", num: true, cell: ({ used }) => orUnknown(used, shareText) },
  { head: "Why", cell: ({ detail }) => detail },
];

function SlotTable({ slots, cursor }: SlotsProps): JSX.Element {
  return (
    <Table
      caption="Nodes, free ones first, best first."
      nameHead="Node"
      rows={slots}
      keyOf={({ node }) => node}
      nameOf={({ node }) => node}
      hrefOf={({ node }) => formatRoute({ at: "list", view: "slots", item: node })}
      columns={columns}
      cursor={cursor}
    />
  );
}
