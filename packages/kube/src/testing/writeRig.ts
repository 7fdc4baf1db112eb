import { seededRng, silentLogger, VirtualClock } from "@walras/kit";

import { WriteQueue } from "../writes.ts";

/** Queues on one virtual clock; what was written and what was told is kept. */
export class WriteRig {
  readonly clock = new VirtualClock();
  readonly outcomes: string[] = [];
  /** What was written, in order. */
  readonly written: string[] = [];
  waiting = 0;

  /** Lets what is ready run first, for the clock moves before it looks. */
  async pass(durationMs: number): Promise<void> {
    await this.clock.advance(0);
    await this.clock.advance(durationMs);
  }

  queueOf(perSecond: number, burst: number, mostWaiting?: number): WriteQueue {
    const observer = {
      finished: (outcome: string): void => void this.outcomes.push(outcome),
      waiting: (count: number): void => void (this.waiting = count),
    };
    const bound = mostWaiting === undefined ? {} : { mostWaiting };
    const around = { clock: this.clock, rng: seededRng(3), logger: silentLogger, observer };
    return new WriteQueue({ perSecond, burst, ...bound, ...around });
  }

  write(what: string): () => Promise<void> {
    return () => {
      this.written.push(what);
      return Promise.resolve();
    };
  }
}
