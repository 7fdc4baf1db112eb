import type { Cluster } from "../cluster.ts";

interface KedaEvent {
  readonly type?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  /** Where it was told more than once. */
  readonly series?: { readonly lastObservedTime?: string };
  readonly source?: { readonly component?: string };
  readonly reportingComponent?: string;
}

/** What KEDA last complained of in a namespace, and when; null: of nothing. */
export async function lastKedaError(
  cluster: Cluster,
  namespace: string,
): Promise<{ readonly atMs: number; readonly message: string } | null> {
  const text = await cluster.kubectl("-n", namespace, "get", "events", "-o", "json");
  const { items } = JSON.parse(text) as { readonly items: readonly KedaEvent[] };
  const errors = items
    .filter(
      ({ type, source, reportingComponent }) => type === "Warning" && isKeda(source?.component ?? reportingComponent),
    )
    .map((event) => ({ message: event.message ?? "", atMs: lastMs(event) }))
    .toSorted((one, other) => one.atMs - other.atMs);
  return errors.at(-1) ?? null;
}

function lastMs({ series, lastTimestamp, eventTime }: KedaEvent): number {
  return Date.parse(series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? "");
}

const isKeda = (component = ""): boolean => component.startsWith("scale-handler") || component.startsWith("keda");
