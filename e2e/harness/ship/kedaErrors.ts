import type { Cluster } from "../cluster.ts";

interface KedaEvent {
  readonly type?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
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
    .map(({ message = "", lastTimestamp, eventTime }) => ({
      message,
      atMs: Date.parse(lastTimestamp ?? eventTime ?? ""),
    }))
    .toSorted((one, other) => one.atMs - other.atMs);
  return errors.at(-1) ?? null;
}

const isKeda = (component = ""): boolean => component.startsWith("scale-handler") || component.startsWith("keda");
