import { creationProfileName, type CreationProfileSpec, creationProfileSpec } from "@walras/api";
import type { Clock } from "@walras/kit";

import type { Writes } from "../../../base/access/gate.ts";
import { writePriority } from "../../../base/access/priorities.ts";
import { newsIn } from "./news.ts";
import type { CreationPort } from "./port.ts";

export interface PublisherOptions {
  readonly port: CreationPort;
  readonly writes: Writes;
  /** What new pods are to be sized by, by namespace; null: it is not known yet. */
  readonly wanted: () => ReadonlyMap<string, CreationProfileSpec> | null;
  /** For how long what is written is valid. */
  readonly memoryMs: number;
  readonly mayAct: () => boolean;
  readonly clock: Clock;
}

/** Between two writes of one namespace, unless somebody would get too little. */
const leastPauseMs = 600_000;

/** Keeps what new pods are sized by in step with what is known: reads it once, writes it rarely. */
export class CreationPublisher {
  readonly #options: PublisherOptions;
  readonly #written = new Map<string, CreationProfileSpec>();
  readonly #triedMs = new Map<string, number>();
  #read = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { mayAct, wanted } = this.#options;
    if (!mayAct()) return;
    const specs = wanted();
    if (specs === null) return;
    if (!this.#read) await this.#readAll(signal);
    for (const namespace of this.#written.keys()) if (!specs.has(namespace)) this.#remove(namespace);
    for (const [namespace, spec] of specs) if (this.#isWorthIt(namespace, spec)) this.#write(namespace, spec);
  }

  /** What cannot be read is not ours to be in step with: it is written over. One of another name is never looked at. */
  async #readAll(signal: AbortSignal): Promise<void> {
    for await (const { metadata, spec } of this.#options.port.stored(signal)) {
      const said = creationProfileSpec.safeParse(spec);
      if (metadata.name === creationProfileName) this.#written.set(metadata.namespace, said.data ?? nothing);
    }
    this.#read = true;
  }

  #isWorthIt(namespace: string, spec: CreationProfileSpec): boolean {
    const { clock, memoryMs } = this.#options;
    const written = this.#written.get(namespace);
    const news = written ? newsIn(written, spec, { nowMs: clock.wallMs(), memoryMs }) : "some";
    if (news !== "some") return news === "urgent";
    return clock.monotonicMs() - (this.#triedMs.get(namespace) ?? -Infinity) >= leastPauseMs;
  }

  #write(namespace: string, spec: CreationProfileSpec): void {
    this.#triedMs.set(namespace, this.#options.clock.monotonicMs());
    this.#enqueue(namespace, async () => {
      await this.#options.port.apply(namespace, spec);
      this.#written.set(namespace, spec);
    });
  }

  #remove(namespace: string): void {
    this.#enqueue(namespace, async () => {
      await this.#options.port.remove(namespace);
      this.#written.delete(namespace);
      this.#triedMs.delete(namespace);
    });
  }

  #enqueue(namespace: string, write: () => Promise<void>): void {
    this.#options.writes.enqueue({ key: `creation ${namespace}`, priority: writePriority.profile, write });
  }
}

/** Sizes nobody, and has been invalid for ever. */
const nothing: CreationProfileSpec = { validUntil: new Date(0).toISOString(), overbook: 1, minMilli: 0, workloads: {} };
