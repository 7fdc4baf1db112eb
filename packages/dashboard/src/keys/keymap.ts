import type { Move } from "../state/list.ts";
import { type ViewName, views } from "../state/route.ts";

/** What a key asks for. */
export type Action =
  | { readonly do: "move"; readonly move: Move }
  | { readonly do: "aside"; readonly to: "left" | "right" }
  | { readonly do: "view"; readonly view: ViewName }
  | { readonly do: "open" | "back" | "filter" | "command" | "help" | "copy" | "theme" | "order" | "table" };

export interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

const moves: Readonly<Record<string, Move>> = {
  j: "down",
  ArrowDown: "down",
  k: "up",
  ArrowUp: "up",
  g: "first",
  Home: "first",
  G: "last",
  End: "last",
  PageDown: "pageDown",
  PageUp: "pageUp",
};

const asides: Readonly<Record<string, "left" | "right">> = {
  h: "left",
  ArrowLeft: "left",
  l: "right",
  ArrowRight: "right",
};

const others: Readonly<Record<string, Exclude<Action["do"], "move" | "aside" | "view">>> = {
  Enter: "open",
  Escape: "back",
  "/": "filter",
  ":": "command",
  "?": "help",
  y: "copy",
  T: "theme",
  s: "order",
  t: "table",
};

/** Of its own: `constructor` is no key of a map. */
function of<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** @returns null for a key that is the browser's */
export function actionOf({ key, ctrlKey, metaKey, altKey }: Pressed): Action | null {
  if (ctrlKey || metaKey || altKey) return null;
  const move = of(moves, key);
  if (move !== undefined) return { do: "move", move };
  const to = of(asides, key);
  if (to !== undefined) return { do: "aside", to };
  const view = /^[1-5]$/.test(key) ? views[Number(key) - 1] : undefined;
  if (view !== undefined) return { do: "view", view };
  const other = of(others, key);
  return other === undefined ? null : { do: other };
}

/** What the help shows. */
export const keyHelp: readonly (readonly [keys: readonly string[], meaning: string])[] = [
  [["1", "…", "5"], "CPU, releases, slots, GPUs, intents"],
  [["j", "k"], "down and up; arrows do too, and h and l on the map"],
  [["g", "G"], "the first and the last"],
  [["Enter"], "go in"],
  [["Esc"], "back: closes what is open, then empties the filter, then goes up"],
  [["/"], "filter: words, state:unknown, price>2, rationed>0, !word"],
  [[":"], "command: node NAME, pod NAMESPACE/NAME, price 0.04, theme dark"],
  [["y"], "copy the YAML that is recommended"],
  [["s"], "order of nodes: by name, price, use"],
  [["t"], "map or table"],
  [["T"], "light, dark, or as the system"],
  [["?"], "this help"],
];
