import { freezeOf, nextOpen } from "./freeze.ts";
import { type Candidate, type GateContext, type Hold, hold, instant } from "./hold.ts";

/** Somebody has stopped releases, or may have. */
export function freezeGate({ app }: Candidate, { freezes, nowMs, openings }: GateContext): Hold | null {
  if (freezes === null) return hold("unknown_freeze", "whether somebody has frozen releases is not known");
  const freeze = freezeOf(app.name, freezes, nowMs);
  if (!freeze) return null;
  const until = freeze.untilMs === null ? "until it is lifted" : `until ${instant(freeze.untilMs)}`;
  const nextOpenMs = nextOpen(app, { freezes, openings }, nowMs);
  return { reason: "frozen", detail: `frozen ${until} (${freeze.by})${opens(nextOpenMs, freeze.untilMs)}`, nextOpenMs };
}

/** Its calendar is closed, or will be before a release of it is done. */
export function windowGate(
  { app, opening, state }: Candidate,
  { nowMs, freezes: known, openings, beginsInMs }: GateContext,
): Hold | null {
  const { open, reason, untilMs } = opening;
  const freezes = known ?? [];
  if (!open) {
    const nextOpenMs = nextOpen(app, { freezes, openings }, nowMs);
    return { reason: "outside_allowed_window", detail: `${reason}${opens(nextOpenMs, null)}`, nextOpenMs };
  }
  const expectedMs = state.expectedMs ?? 0;
  const neededMs = Math.max(expectedMs, beginsInMs);
  if (untilMs === null || nowMs + neededMs <= untilMs) return null;
  const nextOpenMs = nextOpen(app, { freezes, openings }, untilMs);
  const takes = expectedMs < beginsInMs ? "Argo CD takes up to %s to begin one" : "its releases take %s";
  const detail = `${takes.replace("%s", `${Math.round(neededMs / 1000)} s`)} and the window ends at ${instant(untilMs)}`;
  return { reason: "window_too_short", detail: `${detail}${opens(nextOpenMs, null)}`, nextOpenMs };
}

function opens(nextOpenMs: number | null, saidMs: number | null): string {
  if (nextOpenMs === saidMs && saidMs !== null) return "";
  return nextOpenMs === null ? "" : `, next open at ${instant(nextOpenMs)}`;
}
