import type { NodeView, ResizeView } from "@walras/controller/views";

/** What the controller tells of its market. */
export interface MarketReading {
  readonly nodes: readonly NodeView[];
  readonly resizes: readonly ResizeView[];
  readonly resizesSent: number;
}

const nothing: MarketReading = { nodes: [], resizes: [], resizesSent: 0 };

/** Asks the controller; while it does not answer, the last answer stands. */
export class MarketReader {
  readonly #url: string;
  #last = nothing;

  constructor(opsPort: number) {
    this.#url = `http://127.0.0.1:${opsPort}/market`;
  }

  async read(): Promise<MarketReading> {
    try {
      const answer = await fetch(this.#url);
      this.#last = (await answer.json()) as MarketReading;
    } catch {
      // A controller that was killed on purpose answers nothing for a while.
    }
    return this.#last;
  }
}
