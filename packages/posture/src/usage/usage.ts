import type { Clock, Timer } from "@walras/kit";

/** How busy the machine is, in percent; null: not known here. */
export interface Usage {
  readonly cpuPct: number | null;
  readonly ramPct: number | null;
  readonly gpuPct: number | null;
}

export interface UsageMeter {
  /** CPU since the reading before; memory and GPU now. */
  read(): Promise<Usage>;
}

const everyMs = 1000;

/** The mean of readings over a while, one a second and one at its end. */
export class UsageAverage {
  readonly #meter: UsageMeter;
  readonly #clock: Clock;
  readonly #readings: Usage[] = [];
  #timer: Timer | undefined;

  constructor(meter: UsageMeter, clock: Clock) {
    this.#meter = meter;
    this.#clock = clock;
    this.#timer = this.#again();
  }

  async end(): Promise<Usage> {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#readings.push(await this.#meter.read());
    return {
      cpuPct: mean(this.#readings.map(({ cpuPct }) => cpuPct)),
      ramPct: mean(this.#readings.map(({ ramPct }) => ramPct)),
      gpuPct: mean(this.#readings.map(({ gpuPct }) => gpuPct)),
    };
  }

  #again(): Timer {
    return this.#clock.after(everyMs, () => void this.#read());
  }

  async #read(): Promise<void> {
    const reading = await this.#meter.read();
    if (this.#timer === undefined) return;
    this.#readings.push(reading);
    this.#timer = this.#again();
  }
}

/** null when nothing was known. */
function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}
