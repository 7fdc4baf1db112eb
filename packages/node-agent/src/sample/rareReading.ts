/** What seldom changes is read every so many rounds, and at the first two: of a short look it must be right at the end. */
const everyRounds = 4;

/** Says when to read what seldom changes; different ones at different rounds, so that none is longer than the others. */
export class RareReading {
  readonly #phase: number;
  #round = 0;

  /** @param order a number that differs from others' */
  constructor(order: number) {
    this.#phase = order % everyRounds;
  }

  /** Whether this is a round to read in. To be asked once a round. */
  isDue(): boolean {
    const round = this.#round++;
    return round < 2 || round % everyRounds === this.#phase;
  }
}
