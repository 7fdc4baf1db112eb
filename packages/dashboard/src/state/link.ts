import { spanText } from "./format.ts";

/** How the page stands to the controller. */
export type Link =
  | { readonly state: "connecting" }
  | { readonly state: "live"; readonly heardMs: number }
  /** It told something once, and does not now. */
  | { readonly state: "stale"; readonly heardMs: number | null; readonly why: string; readonly retryMs: number };

type LinkEvent =
  | { readonly kind: "heard"; readonly nowMs: number }
  | { readonly kind: "lost"; readonly why: string; readonly retryMs: number };

export const connecting: Link = { state: "connecting" };

export function linkAfter(link: Link, event: LinkEvent): Link {
  if (event.kind === "heard") return { state: "live", heardMs: event.nowMs };
  const heardMs = link.state === "connecting" ? null : link.heardMs;
  return { state: "stale", heardMs, why: event.why, retryMs: event.retryMs };
}

/** One word for the corner of the page. */
export function linkWord({ state }: Link): string {
  return state;
}

/** What the banner says; null: nothing, all is well. @param leader null: not told yet */
export function bannerOf(link: Link, nowMs: number, leader: boolean | null, leaderName: string | null): string | null {
  if (link.state === "stale") return staleBanner(link, nowMs);
  if (leader !== false) return null;
  const who = leaderName === null ? "no replica that is known" : leaderName;
  return `This replica does not lead: ${who} does. What was decided since is not shown.`;
}

function staleBanner({ heardMs, why, retryMs }: Extract<Link, { state: "stale" }>, nowMs: number): string {
  const age = heardMs === null ? "Nothing was heard yet" : `What you see is ${spanText(nowMs - heardMs)} old`;
  return `${age}: ${why}. It is tried again in ${spanText(retryMs)}.`;
}
