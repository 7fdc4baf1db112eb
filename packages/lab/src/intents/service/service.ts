import type { Rng } from "@walras/kit";

import { bucketOf } from "./latencies.ts";
import { Replica } from "./replica.ts";

export interface ServiceOptions {
  /** CPU time of a request, core-milliseconds: half of it is the same for all, half is exponential. */
  readonly cpuMs: number;
  /** From a pod's creation until it serves. */
  readonly startMs: number;
  /** Who asks waits no longer, and has missed every target. */
  readonly timeoutMs: number;
  /** CPU that new pods are created with. */
  readonly milli: number;
  readonly replicas: number;
  readonly rng: Rng;
}

/** A service of replicas behind a balancer that knows nothing of them, second by second. */
export class Service {
  readonly #options: ServiceOptions;
  #replicas: readonly Replica[] = [];
  #born = 0;
  #nowMs = 0;
  /** CPU that new pods are created with. */
  milli: number;
  /** Buckets of the latencies of the last second's requests. */
  served: readonly number[] = [];

  constructor(options: ServiceOptions) {
    this.#options = options;
    this.milli = options.milli;
    for (let index = 0; index < options.replicas; index += 1) this.#create(-options.startMs);
  }

  get replicas(): readonly Replica[] {
    return this.#replicas;
  }

  get ready(): readonly Replica[] {
    return this.#replicas.filter(({ readyAtMs }) => readyAtMs <= this.#nowMs);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** More are created; fewer: those that do not serve go first, then the youngest, as a ReplicaSet has it. */
  scale(count: number): void {
    while (this.#replicas.length < count) this.#create(this.#nowMs);
    const byAge = this.#replicas.toSorted((one, other) => one.readyAtMs - other.readyAtMs);
    this.#replicas = byAge.slice(0, count);
  }

  /** What a pod that goes has taken on is still done; it takes nothing more. */
  remove(names: ReadonlySet<string>): void {
    this.#replicas = this.#replicas.filter(({ name }) => !names.has(name));
  }

  resize(milli: number): void {
    for (const replica of this.#replicas) replica.resize(milli, this.#nowMs);
  }

  #create(atMs: number): void {
    const created = { atMs, startMs: this.#options.startMs };
    this.#replicas = [...this.#replicas, new Replica(`pod-${this.#born}`, this.milli, created)];
    this.#born += 1;
  }

  /**
   * One second of requests that come by themselves, so many a second.
   *
   * @param costs as many times what a request costs as declared
   */
  second(requests: number, costs = 1): void {
    const { rng, cpuMs, timeoutMs } = this.#options;
    const served: number[] = [];
    const { ready } = this;
    const endMs = this.#nowMs + 1000;
    const gapMs = 1000 / requests;
    for (let atMs = this.#nowMs + gapMs * drawn(rng); atMs < endMs; atMs += gapMs * drawn(rng)) {
      const cost = ((cpuMs * costs) / 2) * (1 + drawn(rng));
      const replica = ready[Math.floor(rng() * ready.length)];
      served.push(bucketOf(replica?.take(cost, atMs, timeoutMs) ?? timeoutMs));
    }
    this.served = served;
    this.#nowMs = endMs;
  }
}

/** Exponential with mean 1. */
function drawn(rng: Rng): number {
  return -Math.log(1 - rng());
}
