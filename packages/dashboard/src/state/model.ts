import type { DashboardMe, DashboardSummary, DecisionEvent } from "@walras/api";
import type { Clock } from "@walras/kit/clock";
import { computed, type ReadonlySignal, signal, type Signal } from "@preact/signals";

import type { Asking } from "../api/client.ts";
import type { Tokens } from "../api/token.ts";

import { filtered, type Order, ordered, orders, rowsByName } from "./cells.ts";
import { connecting, type Link } from "./link.ts";
import type { Move } from "./list.ts";
import { formatRoute, parseRoute, type Route, start } from "./route.ts";
import { parseTheme, type Theme } from "./theme.ts";

/** What the view that is open does with keys. */
export interface ListHandle {
  move(move: Move): void;
  aside(to: "left" | "right"): void;
  open(): void;
}

/** What the page keeps over reloads, in the browser. */
type Kept = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** The world outside the page. */
interface Outside {
  readonly clock: Clock;
  readonly api: Asking;
  readonly tokens: Tokens;
  readonly kept: Kept;
  /** @param fragment of the address, as {@link formatRoute} makes it */
  go(fragment: string): void;
  /** @returns whether it is in the clipboard */
  copy(text: string): Promise<boolean>;
}

type Overlay = "help" | "command" | null;

/** Everything that the page shows. Views read its signals; keys and streams write them. */
export class Model {
  readonly outside: Outside;
  readonly route: Signal<Route> = signal(start);
  /** An address that is none of the page's; null: it was one. */
  readonly wrongAddress: Signal<string | null> = signal(null);
  readonly summary: Signal<DashboardSummary | null> = signal(null);
  readonly decisions: Signal<readonly DecisionEvent[]> = signal([]);
  readonly link: Signal<Link> = signal(connecting);
  readonly me: Signal<DashboardMe | null> = signal(null);
  /** Why the reader is to say who they are; null: they need not. */
  readonly refused: Signal<{ readonly status: number; readonly message: string } | null> = signal(null);
  readonly filter: Signal<string> = signal("");
  readonly isFiltering: Signal<boolean> = signal(false);
  readonly overlay: Signal<Overlay> = signal(null);
  /** What is being explained: a key of `/api/explain/KEY`. */
  readonly explaining: Signal<string | null> = signal(null);
  /** Told to who listens: what was copied, what could not be done. */
  readonly said: Signal<string> = signal("");
  readonly theme: Signal<Theme>;
  /** The reader's own price a core-hour; null: the controller's. */
  readonly price: Signal<number | null>;
  readonly order: Signal<Order> = signal("name");
  readonly isTable: Signal<boolean> = signal(false);
  /** The node of the pod that is looked at, for the way back: until it is heard of, the one that one came from; null: not known. */
  readonly nodeOfPod: Signal<string | null> = signal(null);
  /** YAML that `y` copies; null: there is none here. */
  readonly yaml: Signal<string | null> = signal(null);
  /** Moves with time, for ages. */
  readonly nowMs: Signal<number>;
  /** What the open view does with keys. */
  list: ListHandle | null = null;
  /** By view: what was chosen in it last, for when one comes back. */
  readonly chosen = new Map<string, string>();

  /** What the next place is filtered by. */
  #filterThere = "";
  readonly #byName: ReadonlySignal<readonly number[]>;
  /** Rows of nodes that meet the filter, in order. */
  readonly rows: ReadonlySignal<readonly number[]>;

  constructor(outside: Outside) {
    this.outside = outside;
    this.theme = signal(parseTheme(outside.kept.getItem("walras.theme")));
    const price = outside.kept.getItem("walras.price");
    this.price = signal(price === null ? null : Number(price));
    this.nowMs = signal(outside.clock.wallMs());
    let before: readonly string[] = [];
    const nodes = computed(() => {
      before = sameOr(before, this.summary.value?.cells.node ?? []);
      return before;
    });
    this.#byName = computed(() => rowsByName(nodes.value));
    this.rows = computed(() => {
      const { value: summary } = this.summary;
      if (summary === null) return [];
      return filtered(summary.cells, ordered(summary.cells, this.#byName.value, this.order.value), this.filter.value);
    });
  }

  /** To another place; the address follows. */
  go(route: Route): void {
    this.outside.go(formatRoute(route));
  }

  /** To the nodes that meet a filter. */
  findNodes(filter: string): void {
    if (formatRoute(this.route.value) === formatRoute(start)) this.filter.value = filter;
    else this.#filterThere = filter;
    this.go(start);
  }

  /** The address has changed. */
  arrive(fragment: string): void {
    const route = parseRoute(fragment);
    this.wrongAddress.value = route === null ? fragment : null;
    if (route === null || formatRoute(route) === formatRoute(this.route.value)) return;
    this.explaining.value = null;
    this.filter.value = this.#filterThere;
    this.#filterThere = "";
    this.isFiltering.value = false;
    this.yaml.value = null;
    this.nodeOfPod.value = this.route.value.at === "node" ? this.route.value.node : null;
    this.route.value = route;
  }

  setTheme(theme: Theme): void {
    this.theme.value = theme;
    this.outside.kept.setItem("walras.theme", theme);
    this.say(`theme: ${theme}`);
  }

  /** @param price null: the controller's again */
  setPrice(price: number | null): void {
    this.price.value = price;
    if (price === null) this.outside.kept.removeItem("walras.price");
    else this.outside.kept.setItem("walras.price", String(price));
  }

  nextOrder(): void {
    const next = orders[(orders.indexOf(this.order.value) + 1) % orders.length] ?? "name";
    this.order.value = next;
    this.say(`nodes by ${next}`);
  }

  say(text: string): void {
    this.said.value = text;
  }

  /** Copies the YAML beside a recommendation. */
  async copyYaml(): Promise<void> {
    const { value: yaml } = this.yaml;
    if (yaml === null) return this.say("nothing to copy here");
    const copied = await this.outside.copy(yaml);
    this.say(copied ? "YAML copied" : "the browser did not let it be copied: select it instead");
  }
}

/** The former list where the new one says the same, so that what is made of it stays. */
function sameOr(before: readonly string[], now: readonly string[]): readonly string[] {
  return before.length === now.length && before.every((name, index) => name === now[index]) ? before : now;
}
