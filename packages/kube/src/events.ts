import { type Clock, describeError, type Logger } from "@walras/kit";

import { microTime } from "./lease.ts";
import { createObject } from "./objects.ts";
import { resources } from "./paths.ts";
import { mergePatch } from "./patch.ts";
import { KubeError, type KubeTransport } from "./port.ts";
import type { Write } from "./writes.ts";

/** Something a user should know about an object. */
export interface EventNote {
  readonly regarding: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
  };
  readonly type: "Normal" | "Warning";
  /** One PascalCase word. */
  readonly reason: string;
  readonly action: string;
  readonly note: string;
}

export interface EventRecorderOptions {
  readonly transport: KubeTransport;
  /** Where writes wait for their turn. */
  readonly enqueue: (write: Write) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly controller: string;
  readonly instance: string;
  readonly onDropped: () => void;
}

interface Series {
  readonly name: string;
  readonly namespace: string;
  count: number;
  lastMs: number;
  written: boolean;
}

/** Events come after everything else. */
const eventPriority = 9;
/** The same event again within this time is counted, not repeated. */
const seriesMs = 360_000;
const mostSeries = 4096;
/** The API server takes at most 1 kB of note. */
const longestNote = 1000;

/** Writes Events without ever holding anybody up: bounded, counted together, lost rather than late. */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #series = new Map<string, Series>();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  record(event: EventNote): void {
    const { clock, enqueue } = this.#options;
    const key = [event.regarding.uid || event.regarding.name, event.reason, event.action].join(" ");
    const nowMs = clock.monotonicMs();
    const series = this.#series.get(key);
    if (series && nowMs - series.lastMs < seriesMs) {
      series.count += 1;
      series.lastMs = nowMs;
      enqueue({ key: `event ${key}`, priority: eventPriority, write: () => this.#write(series, event) });
      return;
    }
    const begun = this.#begin(key, event, nowMs);
    enqueue({ key: `event ${key}`, priority: eventPriority, write: () => this.#write(begun, event) });
  }

  #begin(key: string, event: EventNote, nowMs: number): Series {
    if (this.#series.size >= mostSeries) this.#forgetOldest();
    const namespace = event.regarding.namespace || "default";
    const suffix = Math.floor(this.#options.clock.wallMs() * 1e6).toString(16);
    const series = {
      name: `${event.regarding.name}.${suffix}`.slice(-253),
      namespace,
      count: 1,
      lastMs: nowMs,
      written: false,
    };
    this.#series.set(key, series);
    return series;
  }

  #forgetOldest(): void {
    const [oldest] = this.#series.keys();
    if (oldest !== undefined) this.#series.delete(oldest);
  }

  async #write(series: Series, event: EventNote): Promise<void> {
    try {
      if (series.written) await this.#count(series);
      else await this.#create(series, event);
      series.written = true;
    } catch (error) {
      if (error instanceof KubeError && error.status === 0) throw error;
      this.#options.onDropped();
      this.#options.logger.debug({ error: describeError(error), reason: event.reason }, "event not written");
    }
  }

  async #create(series: Series, event: EventNote): Promise<void> {
    const { transport, clock, controller, instance } = this.#options;
    await createObject(transport, resources.event, series.namespace, {
      metadata: { name: series.name, namespace: series.namespace },
      eventTime: microTime(clock.wallMs()),
      reportingController: controller,
      reportingInstance: instance,
      action: event.action,
      reason: event.reason,
      type: event.type,
      regarding: event.regarding,
      note: event.note.slice(0, longestNote),
    });
  }

  async #count(series: Series): Promise<void> {
    const { transport, clock } = this.#options;
    await mergePatch(
      transport,
      { resource: resources.event, name: series },
      { series: { count: Math.max(2, series.count), lastObservedTime: microTime(clock.wallMs()) } },
    );
  }
}
