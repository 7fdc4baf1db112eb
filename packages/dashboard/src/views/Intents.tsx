import type { DashboardIntent, DashboardIntents } from "@walras/api";
import type { JSX } from "preact";

import { numberText, spanText } from "../state/format.ts";
import { formatRoute } from "../state/route.ts";
import { useModel } from "../widgets/context.ts";
import { Answer, Notice } from "../widgets/Notice.tsx";
import { type Column, Table } from "../widgets/Table.tsx";
import { useAsked } from "../widgets/useAsked.ts";
import { type Cursor, useList, useMatching } from "../widgets/useList.ts";

import { Plan } from "./Plan.tsx";

const refreshMs = 10_000;

/** Intents, each with its plan and what was rejected. */
export function Intents({ item }: { readonly item: string | null }): JSX.Element {
  const asked = useAsked<DashboardIntents>("intents", refreshMs);
  return (
    <>
      <h1>Intents</h1>
      <Answer asked={asked.value} what="the intents">
        {(data) => <Told data={data} item={item} />}
      </Answer>
    </>
  );
}

function Told({ data, item }: { readonly data: DashboardIntents; readonly item: string | null }): JSX.Element {
  const model = useModel();
  const intents = useMatching(
    data.intents,
    ({ name, target, verdict, reason }) => `${name} ${target} ${verdict} ${reason}`,
  );
  const cursor = useList({
    name: "intents",
    keys: intents.map(({ name }) => name),
    open: (name) => model.go({ at: "list", view: "intents", item: name }),
  });
  const looked = item === null ? intents[cursor.index] : data.intents.find(({ name }) => name === item);
  return (
    <>
      <Round data={data} />
      {data.invalid.length === 0 ? null : <Invalid invalid={data.invalid} />}
      {data.intents.length === 0 ? (
        <Notice title="No intent">
          <p>
            An <code>Intent</code> says what a workload&apos;s KPIs are to be. There is none in the cluster that can be
            read.
          </p>
        </Notice>
      ) : (
        <div class="columns">
          <IntentTable intents={intents} cursor={cursor} filter={model.filter.value} />
          {looked === undefined ? <Notice title={`${item ?? "Nothing"}: no such intent`} /> : <Plan intent={looked} />}
        </div>
      )}
    </>
  );
}

function Round({ data: { atMs } }: { readonly data: DashboardIntents }): JSX.Element {
  const now = useModel().nowMs.value;
  return <p class="muted">{atMs === null ? "No round was planned yet." : `Planned ${spanText(now - atMs)} ago.`}</p>;
}

function Invalid({ invalid }: { readonly invalid: DashboardIntents["invalid"] }): JSX.Element {
  return (
    <Notice title="Not planned for: these cannot be read" failed>
      <ul>
        {invalid.map(({ name, problem }) => (
          <li key={name}>
            <b>{name}</b>: {problem}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

/** Verdicts that want somebody's attention. */
const troubled = new Set(["Unreachable", "Conflict", "Refused", "Unknown"]);

const columns: readonly Column<DashboardIntent>[] = [
  {
    head: "Verdict",
    cell: ({ verdict }) => (
      <span class={`tag${verdict === "Fulfilled" ? " good" : troubled.has(verdict) ? " bad" : ""}`}>{verdict}</span>
    ),
  },
  { head: "Target", cell: ({ target }) => target },
  { head: "Met", num: true, cell: ({ objectives }) => metText(objectives) },
  { head: "Cost", num: true, by: "intent.cost", cell: ({ cost }) => numberText(cost) },
  { head: "Acts", cell: ({ active }) => (active ? "yes" : "plans only") },
];

function metText(objectives: DashboardIntent["objectives"]): string {
  const unknown = objectives.filter(({ met }) => met === null).length;
  const met = objectives.filter((one) => one.met === true).length;
  return `${met}/${objectives.length}${unknown === 0 ? "" : `, ${unknown} unknown`}`;
}

interface IntentTableProps {
  readonly intents: readonly DashboardIntent[];
  readonly cursor: Cursor;
  readonly filter: string;
}

function IntentTable({ intents, cursor, filter }: IntentTableProps): JSX.Element {
  if (intents.length === 0) return <Notice title={`No intent meets the filter: ${filter}`} />;
  return (
    <Table
      caption="Cost is over doing nothing: 1 is as much again as the workload takes now."
      nameHead="Intent"
      rows={intents}
      keyOf={({ name }) => name}
      nameOf={({ name }) => name}
      hrefOf={({ name }) => formatRoute({ at: "list", view: "intents", item: name })}
      columns={columns}
      cursor={cursor}
    />
  );
}
