import type { DashboardReleases, QueuedRelease } from "@walras/api";
import type { JSX } from "preact";

import { holdsOf } from "../state/calendar.ts";
import { dayText, numberText, orUnknown, shareText, spanText } from "../state/format.ts";
import { formatRoute } from "../state/route.ts";
import { useModel } from "../widgets/context.ts";
import { Explained } from "../widgets/Explained.tsx";
import { Fact } from "../widgets/Fact.tsx";
import { Answer, Notice } from "../widgets/Notice.tsx";
import { type Column, Table } from "../widgets/Table.tsx";
import { useAsked } from "../widgets/useAsked.ts";
import { type Cursor, useList, useMatching } from "../widgets/useList.ts";

import { Calendar } from "./Calendar.tsx";
import { InFlight } from "./InFlight.tsx";

const refreshMs = 10_000;

/** Applications that wait, on the clinic calendar, with what holds each. */
export function Releases({ item }: { readonly item: string | null }): JSX.Element {
  const asked = useAsked<DashboardReleases>("releases", refreshMs);
  return (
    <>
      <h1>Releases on the clinic calendar</h1>
      <Answer asked={asked.value} what="the releases">
        {(data) => <Told data={data} item={item} />}
      </Answer>
    </>
  );
}

function Told({ data, item }: { readonly data: DashboardReleases; readonly item: string | null }): JSX.Element {
  return (
    <>
      {data.configError === null ? null : (
        <Notice title="The configuration that was read last is refused; the one before is in force" failed>
          <p>{data.configError}</p>
        </Notice>
      )}
      <section class="panel" aria-label="The next seven days">
        <ReleaseFacts data={data} />
        <Calendar data={data} />
      </section>
      <Queue data={data} item={item} />
      <InFlight releases={data.inFlight} />
    </>
  );
}

function ReleaseFacts({ data }: { readonly data: DashboardReleases }): JSX.Element {
  const now = useModel().nowMs.value;
  const { window, headroom, freezes } = data;
  const held = holdsOf(data);
  return (
    <dl class="facts">
      <Fact name="Window">
        <span class={window.open ? "good" : "warn"}>{window.open ? "open" : "closed"}</span>
        {window.untilMs === null ? null : ` for ${spanText(window.untilMs - now)}`}
      </Fact>
      <Fact name="Because">{window.reason}</Fact>
      <Fact name="Freezes">
        {freezes === null ? "unknown" : freezes.length === 0 ? "none" : String(freezes.length)}
      </Fact>
      <Fact name="Headroom">
        <Explained by="release.headroom">{orUnknown(headroom, shareText)}</Explained>
      </Fact>
      <Fact name="Told by">{data.headroomSource ?? "nobody"}</Fact>
      <Fact name="Waiting">{data.queue.length}</Fact>
      <Fact name="Most held by">{held[0] === undefined ? "nothing" : `${held[0][0]} (${held[0][1]})`}</Fact>
      <Fact name="Decided">{data.atMs === null ? "not yet" : `${spanText(now - data.atMs)} ago`}</Fact>
    </dl>
  );
}

function Queue({ data, item }: { readonly data: DashboardReleases; readonly item: string | null }): JSX.Element {
  const model = useModel();
  const queue = useMatching(data.queue, ({ app, reason, detail }) => `${app} ${reason} ${detail}`);
  const cursor = useList({
    name: "releases",
    keys: queue.map(({ app }) => app),
    open: (app) => model.go({ at: "list", view: "releases", item: app }),
  });
  if (data.queue.length === 0)
    return (
      <Notice title="Nothing waits">
        <p>Every application that CARLA releases is in sync, or none is named in its file.</p>
      </Notice>
    );
  const looked = item === null ? queue[cursor.index] : data.queue.find(({ app }) => app === item);
  return (
    <div class="columns">
      <QueueTable queue={queue} cursor={cursor} zone={data.zone} filter={model.filter.value} />
      {looked === undefined ? (
        <Notice title={item === null ? "No application is chosen" : `${item} does not wait`} />
      ) : (
        <Held release={looked} zone={data.zone} />
      )}
    </div>
  );
}

interface QueueProps {
  readonly queue: readonly QueuedRelease[];
  readonly cursor: Cursor;
  readonly zone: string;
  readonly filter: string;
}

function QueueTable({ queue, cursor, zone, filter }: QueueProps): JSX.Element {
  if (queue.length === 0) return <Notice title={`No application meets the filter: ${filter}`} />;
  const columns: readonly Column<QueuedRelease>[] = [
    {
      head: "Held by",
      cell: ({ selected, reason }) => (
        <span class={selected ? "tag good" : "tag"}>{selected ? "goes now" : reason}</span>
      ),
    },
    { head: "Next open", cell: ({ nextOpenMs }) => (nextOpenMs === null ? "unknown" : dayText(nextOpenMs, zone)) },
    { head: "Score", num: true, by: "release.score", cell: ({ score }) => numberText(score.total) },
    { head: "Risk", num: true, cell: ({ riskLevel }) => numberText(riskLevel) },
  ];
  return (
    <Table
      caption="The queue: what goes now, then by score."
      nameHead="Application"
      rows={queue}
      keyOf={({ app }) => app}
      nameOf={({ app }) => app}
      hrefOf={({ app }) => formatRoute({ at: "list", view: "releases", item: app })}
      columns={columns}
      cursor={cursor}
    />
  );
}

const scoreNames = {
  depth: "Others wait for it",
  inverseResource: "Takes little",
  risk: "Risk",
  window: "Window",
  wait: "Has waited",
} as const;

function Held({ release, zone }: { readonly release: QueuedRelease; readonly zone: string }): JSX.Element {
  const { app, selected, reason, detail, nextOpenMs, score } = release;
  return (
    <section class="panel" aria-live="polite" aria-label={`What holds ${app}`}>
      <h2>{app}</h2>
      <p>
        <span class={selected ? "tag good" : "tag"}>{selected ? "goes now" : reason}</span> {detail}
      </p>
      <p class="muted">
        {nextOpenMs === null ? "When it may go is not known." : `Next open: ${dayText(nextOpenMs, zone)}.`}
      </p>
      <dl class="facts">
        {Object.entries(scoreNames).map(([field, name]) => (
          <Fact key={field} name={name}>
            <Explained by="release.score">{numberText(score[field as keyof typeof scoreNames])}</Explained>
          </Fact>
        ))}
        <Fact name="Score">
          <Explained by="release.score">{numberText(score.total)}</Explained>
        </Fact>
      </dl>
    </section>
  );
}
