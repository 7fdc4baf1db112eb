import type { Clock } from "@walras/kit";
import type { Store, StoreItem } from "@walras/kube";

/** Changes come in bursts: one round does for all of them. */
const settleMs = 1_000;

/** Begins a round soon after something was asked for otherwise. */
export class Hurry {
  readonly #clock: Pick<Clock, "after">;
  readonly #run: () => void;
  #waits = false;

  constructor(clock: Pick<Clock, "after">, run: () => void) {
    this.#clock = clock;
    this.#run = run;
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

  #soon(): void {
    if (this.#waits) return;
    this.#waits = true;
    this.#clock.after(settleMs, () => {
      this.#waits = false;
      this.#run();
    });
  }
}
