/** Upper bounds of the buckets of latency, in seconds. */
const bounds = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 2, 3, 5, 10];

/** What a service tells Prometheus of its requests: how many came, and how long those took that it did. */
export class Meter {
  readonly #within = bounds.map(() => 0);
  #came = 0;
  #done = 0;
  #tookSeconds = 0;

  /** A request has come, whatever becomes of it. */
  came(): void {
    this.#came += 1;
  }

  /** One is done that took so long since it came. */
  took(seconds: number): void {
    this.#done += 1;
    this.#tookSeconds += seconds;
    for (const [index, bound] of bounds.entries()) if (seconds <= bound) this.#within[index] = this.#count(index) + 1;
  }

  /** In Prometheus' text format. */
  text(): string {
    const name = "http_request_duration_seconds";
    const buckets = bounds.map((bound, index) => `${name}_bucket{le="${bound}"} ${this.#count(index)}`);
    return [
      "# TYPE http_requests_total counter",
      `http_requests_total ${this.#came}`,
      `# TYPE ${name} histogram`,
      ...buckets,
      `${name}_bucket{le="+Inf"} ${this.#done}`,
      `${name}_sum ${this.#tookSeconds}`,
      `${name}_count ${this.#done}`,
      "",
    ].join("\n");
  }

  #count(index: number): number {
    return this.#within[index] ?? 0;
  }
}
