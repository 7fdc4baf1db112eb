import type { Explanation } from "@walras/api";
import { KubeError, type KubeTransport, resources } from "@walras/kube";

import type { Metadata } from "./objects.ts";
import { selected } from "./read.ts";

interface EventObject {
  readonly eventTime?: string | null;
  readonly metadata: Metadata;
  readonly type?: string;
  readonly reason?: string;
  readonly note?: string;
  readonly regarding?: { readonly kind?: string; readonly uid?: string };
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string } | null;
  readonly deprecatedLastTimestamp?: string | null;
  readonly deprecatedCount?: number;
}

export type TellingEvent = Explanation["events"][number];

/** Newest first; older ones say nothing more of how it stands. */
const mostEvents = 20;

/**
 * What was told on one object.
 *
 * @returns null where it may not be read
 */
export async function eventsOn(
  transport: KubeTransport,
  kind: string,
  { namespace, name, uid }: Metadata,
): Promise<TellingEvent[] | null> {
  const where = { ...(namespace !== undefined && { namespace }), fieldSelector: `regarding.name=${name}` };
  try {
    const found = await selected<EventObject>(transport, resources.event, where);
    return found
      .filter(({ regarding }) => regarding?.kind === kind && (uid === undefined || regarding.uid === uid))
      .map(toldBy)
      .toSorted((one, other) => (one.at < other.at ? 1 : -1))
      .slice(0, mostEvents);
  } catch (error) {
    if (error instanceof KubeError && error.status === 403) return null;
    throw error;
  }
}

function toldBy(event: EventObject): TellingEvent {
  const { type, reason = "", note: message = "" } = event;
  return { ...timesOf(event), type: type === "Warning" ? "Warning" : "Normal", reason, message };
}

/** As events.k8s.io has it, and as the older kind of Event does. */
function timesOf(event: EventObject): Pick<TellingEvent, "at" | "since" | "count"> {
  const { metadata, eventTime, series, deprecatedLastTimestamp: last, deprecatedCount } = event;
  const began = eventTime ?? last ?? metadata.creationTimestamp ?? "";
  return {
    at: instant(series?.lastObservedTime ?? last ?? began),
    since: instant(began),
    count: series?.count ?? deprecatedCount ?? 1,
  };
}

/** Milliseconds are enough; the API writes microseconds. */
function instant(text: string): string {
  const ms = Date.parse(text);
  return new Date(Number.isNaN(ms) ? 0 : ms).toISOString();
}

/** The newest event of one of these reasons. */
export function newestOf(events: readonly TellingEvent[] | null, reasons: readonly string[]): TellingEvent | undefined {
  return events?.find(({ reason }) => reasons.includes(reason));
}
