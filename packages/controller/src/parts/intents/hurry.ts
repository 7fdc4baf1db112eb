import { type Clock, together } from "@walras/kit";
import type { Store, StoreItem } from "@walras/kube";

/** Changes come in bursts: one round does for all of them. */
const settleMs = 1_000;

/** Begins a round soon after something was asked for otherwise, or after it has become ours to decide. */
export class Hurry {
  readonly #soon: () => void;

  constructor(clock: Pick<Clock, "after">, run: () => void) {
    this.#soon = together(clock, () => settleMs, run);
  }

  begin(): void {
    this.#soon();
  }

  /** @param differs whether a change of an object is of what is asked for; its status is not */
  follow<Item extends StoreItem>(
    store: Pick<Store<Item>, "onChange">,
    differs: (item: Item, previous: Item) => boolean,
  ): void {
    store.onChange((change) => {
      if (change.type !== "updated" || differs(change.item, change.previous)) this.#soon();
    });
  }
}
