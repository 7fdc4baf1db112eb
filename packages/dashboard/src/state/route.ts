/** The five views. */
export const views = ["cpu", "releases", "slots", "gpus", "intents"] as const;

export type ViewName = (typeof views)[number];

/** Where the reader is. `item` is what is looked at closer: a node, namespace/name of an application or an intent. */
export type Route =
  | { readonly at: "list"; readonly view: ViewName; readonly item: string | null }
  | { readonly at: "node"; readonly node: string }
  | { readonly at: "pod"; readonly namespace: string; readonly pod: string };

export const start: Route = { at: "list", view: "cpu", item: null };

/** The view that a place belongs to. */
export function viewOf(route: Route): ViewName {
  return route.at === "list" ? route.view : "cpu";
}

/** A place as the fragment of an address; {@link parseRoute} reads it. */
export function formatRoute(route: Route): string {
  if (route.at === "node") return `#/cpu/nodes/${encodeURIComponent(route.node)}`;
  if (route.at === "pod") return `#/cpu/pods/${encodeURIComponent(route.namespace)}/${encodeURIComponent(route.pod)}`;
  const item = route.item === null ? "" : `/${route.item.split("/").map(encodeURIComponent).join("/")}`;
  return `#/${route.view}${item}`;
}

/** @returns null for an address that is none of the page's */
export function parseRoute(fragment: string): Route | null {
  const parts = partsOf(fragment);
  if (parts === null) return null;
  const [view = "", ...rest] = parts;
  if (view === "") return start;
  if (view === "cpu") return cpuRoute(rest);
  const known = views.find((name) => name === view);
  return known === undefined ? null : { at: "list", view: known, item: rest.length === 0 ? null : rest.join("/") };
}

function cpuRoute([kind, first, second, ...more]: readonly string[]): Route | null {
  if (kind === undefined) return start;
  if (kind === "nodes" && first && second === undefined) return { at: "node", node: first };
  if (kind === "pods" && first && second && more.length === 0) return { at: "pod", namespace: first, pod: second };
  return null;
}

function partsOf(fragment: string): readonly string[] | null {
  try {
    return fragment
      .replace(/^#?\/?/, "")
      .replace(/\/$/, "")
      .split("/")
      .map(decodeURIComponent);
  } catch {
    return null;
  }
}

/** @param node of a pod's time line, where it is known */
export function upFrom(route: Route, node: string | null): Route | null {
  if (route.at === "pod") return node === null ? start : { at: "node", node };
  if (route.at === "node") return start;
  return route.item === null ? null : { ...route, item: null };
}
