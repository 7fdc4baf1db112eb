import type { DashboardReleases } from "@walras/api";
import type { JSX } from "preact";

import { daysOf, nextOpening, type Piece, piecesOf, placeOf, type Week, weekFrom } from "../state/calendar.ts";
import { dayText } from "../state/format.ts";
import { useModel } from "../widgets/context.ts";

/** Seven days: when releases may begin, and what is frozen; the same in words below. */
export function Calendar({ data }: { readonly data: DashboardReleases }): JSX.Element {
  const now = useModel().nowMs.value;
  const week = weekFrom(Math.floor(now / 60_000) * 60_000);
  const { calendar, freezes, zone } = data;
  return (
    <div class="calendar">
      <h2>Seven days in {zone}</h2>
      <Line name="Open" pieces={piecesOf(week, calendar)} kind="open" />
      {freezes === null ? (
        <p class="warn">Whether releases are frozen is not known: {data.freezeTrouble ?? "nobody tells"}.</p>
      ) : (
        freezes.map((freeze) => (
          <Line
            key={`${freeze.fromMs}/${freeze.by}`}
            name={`Frozen by ${freeze.by}${freeze.except.length === 0 ? "" : `, except ${freeze.except.join(", ")}`}`}
            pieces={piecesOf(week, [freeze])}
            kind="frozen"
          />
        ))
      )}
      <Waiting data={data} week={week} />
      <Days week={week} zone={zone} />
      <p class="muted">{openText(data, now)}</p>
    </div>
  );
}

function openText({ calendar, zone }: DashboardReleases, nowMs: number): string {
  const next = nextOpening(calendar, nowMs);
  if (next === null) return "It does not open in the next seven days.";
  const spans = calendar
    .slice(0, 3)
    .map(({ fromMs, untilMs }) => `${dayText(fromMs, zone)} to ${dayText(untilMs, zone)}`)
    .join("; ");
  return `${next <= nowMs ? "It is open now" : `It opens ${dayText(next, zone)}`}. Open: ${spans}.`;
}

const wide = 1000;

interface LineProps {
  readonly name: string;
  readonly pieces: readonly Piece[];
  readonly kind: string;
}

function Line({ name, pieces, kind }: LineProps): JSX.Element {
  return (
    <div class="row">
      <span>{name}</span>
      <svg viewBox={`0 0 ${wide} 20`} preserveAspectRatio="none" aria-hidden="true">
        <rect class="shut" width={wide} height="20" />
        {pieces.map(({ from, length }) => (
          <rect key={from} class={kind} x={from * wide} width={length * wide} height="20" />
        ))}
      </svg>
    </div>
  );
}

/** A tick where each application that waits may go. */
function Waiting({ data, week }: { readonly data: DashboardReleases; readonly week: Week }): JSX.Element | null {
  const places = data.queue.flatMap(({ app, nextOpenMs }) => {
    const place = nextOpenMs === null ? null : placeOf(week, nextOpenMs);
    return place === null ? [] : [{ app, place }];
  });
  if (places.length === 0) return null;
  return (
    <div class="row">
      <span>{places.length} of those waiting may go</span>
      <svg viewBox={`0 0 ${wide} 20`} preserveAspectRatio="none" aria-hidden="true">
        <rect class="shut" width={wide} height="20" />
        {places.map(({ app, place }) => (
          <rect key={app} class="tick" x={Math.min(place * wide, wide - 3)} width="3" height="20" />
        ))}
      </svg>
    </div>
  );
}

function Days({ week, zone }: { readonly week: Week; readonly zone: string }): JSX.Element {
  return (
    <div class="row" aria-hidden="true">
      <span />
      <div class="scale">
        {daysOf(week, zone).map(({ atMs, name }) => (
          <span key={atMs} style={{ left: `${(placeOf(week, atMs) ?? 0) * 100}%` }}>
            {name}
          </span>
        ))}
      </div>
    </div>
  );
}
