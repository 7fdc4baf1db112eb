import type { Clock } from "@walras/kit";

/** What one who answers slowly may be asked, and what is kept of it. */
export interface AnswerLimits {
  /** Questions under way at a time. */
  readonly inFlight: number;
  /** Questions that wait for their turn; more are refused. */
  readonly waiting: number;
  /** Answers that are remembered; the oldest goes first. */
  readonly remembered: number;
  /** A question that takes longer has failed. */
  readonly deadlineMs: number;
}

/** An answer, and for how long it may be given again. */
export interface Answer<Value> {
  readonly value: Value;
  readonly forMs: number;
}

/** So many questions wait already; later there may be room. */
export class TooManyQuestions extends Error {
  constructor(waiting: number) {
    super(`${waiting} questions wait already`);
    this.name = "TooManyQuestions";
  }
}

interface Remembered<Value> {
  readonly value: Value;
  readonly untilMs: number;
}

/**
 * Answers that are had from elsewhere: few questions are under way at a time,
 * those who ask the same share one, and an answer is remembered for a while. A
 * question that failed is no answer, and is asked again.
 */
export class SharedAnswers<Value> {
  readonly #limits: AnswerLimits;
  readonly #clock: Clock;
  readonly #remembered = new Map<string, Remembered<Value>>();
  readonly #asked = new Map<string, Promise<Value>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limits: AnswerLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** @throws TooManyQuestions; and whatever `ask` throws */
  get(key: string, ask: (signal: AbortSignal) => Promise<Answer<Value>>): Promise<Value> {
    const known = this.#remembered.get(key);
    if (known && known.untilMs > this.#clock.monotonicMs()) return Promise.resolve(known.value);
    const asked = this.#asked.get(key);
    if (asked) return asked;
    if (this.#waiting.length >= this.#limits.waiting) return Promise.reject(new TooManyQuestions(this.#waiting.length));
    const answer = this.#ask(key, ask).finally(() => this.#asked.delete(key));
    this.#asked.set(key, answer);
    return answer;
  }

  async #ask(key: string, ask: (signal: AbortSignal) => Promise<Answer<Value>>): Promise<Value> {
    await this.#turn();
    const abort = new AbortController();
    const { deadlineMs } = this.#limits;
    const late = Promise.withResolvers<never>();
    const deadline = this.#clock.after(deadlineMs, () => {
      const error = new Error(`no answer in ${deadlineMs} ms`);
      abort.abort(error);
      late.reject(error);
    });
    try {
      const { value, forMs } = await Promise.race([ask(abort.signal), late.promise]);
      this.#remember(key, value, forMs);
      return value;
    } finally {
      deadline.cancel();
      this.#next();
    }
  }

  #turn(): Promise<void> {
    if (this.#running < this.#limits.inFlight) {
      this.#running += 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** A turn goes on to who waits longest. */
  #next(): void {
    const first = this.#waiting.shift();
    if (first) first();
    else this.#running -= 1;
  }

  #remember(key: string, value: Value, forMs: number): void {
    if (forMs <= 0) return;
    this.#remembered.delete(key);
    this.#remembered.set(key, { value, untilMs: this.#clock.monotonicMs() + forMs });
    if (this.#remembered.size <= this.#limits.remembered) return;
    const [oldest] = this.#remembered.keys();
    if (oldest !== undefined) this.#remembered.delete(oldest);
  }
}
