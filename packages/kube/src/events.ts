import { type Clock, describeError, type Logger } from "@walras/kit";

import { microTime } from "./microTime.ts";
import { createObject } from "./objects.ts";
import { mergePatch } from "./patch.ts";
import { resources } from "./paths.ts";
import { KubeError, type KubeTransport } from "./port.ts";
import { cutToBytes } from "./text.ts";
import { Superseded, type Write } from "./write.ts";

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
  /** Of each write; Events should come after everything else. */
  readonly priority: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly controller: string;
  readonly instance: string;
  readonly onDropped: () => void;
}

/** The same happening again and again: one Event object that counts. */
interface Series {
  readonly name: string;
  readonly namespace: string;
  count: number;
  lastMs: number;
  written: boolean;
  waits: boolean;
}

/** The same event again within this time is counted, not repeated. */
const seriesMs = 360_000;
const mostSeries = 4096;
/** More that wait than this: the API server is busy with better things. */
const mostWaiting = 1000;
/** The API server takes at most 1 kB of note. */
const longestNoteBytes = 1024;

/** Writes Events without ever holding anybody up: bounded, counted together, lost rather than late. */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  /** The one heard of least recently comes first. */
  readonly #series = new Map<string, Series>();
  #waiting = 0;
  #order = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** Takes note and returns at once; never throws. */
  record(event: EventNote): void {
    const { regarding, reason, action, type } = event;
    const key = [regarding.uid || `${regarding.kind}/${regarding.name}`, reason, action, type].join(" ");
    const series = this.#seriesOf(key, event);
    if (!series.waits && this.#waiting >= mostWaiting) {
      this.#options.onDropped();
      return;
    }
    if (!series.waits) this.#waiting += 1;
    series.waits = true;
    this.#options.enqueue({
      key: `event ${series.name}`,
      priority: this.#options.priority,
      write: () => this.#write(series, event),
      gaveUp: (error) => this.#gaveUp(series, error),
    });
  }

  /** The running series of `key`, counted up, or a new one. */
  #seriesOf(key: string, event: EventNote): Series {
    const nowMs = this.#options.clock.monotonicMs();
    const running = this.#series.get(key);
    this.#series.delete(key);
    const goesOn = running !== undefined && nowMs - running.lastMs < seriesMs;
    const series = goesOn ? running : this.#begin(event);
    if (goesOn) series.count += 1;
    series.lastMs = nowMs;
    this.#series.set(key, series);
    if (this.#series.size > mostSeries) this.#forgetOldest();
    return series;
  }

  #begin({ regarding }: EventNote): Series {
    this.#order += 1;
    const suffix = `${this.#options.clock.wallMs().toString(16)}${(this.#order % 0x10000).toString(16).padStart(4, "0")}`;
    return {
      name: `${regarding.name.slice(0, 200).replace(/[^a-z0-9]+$/, "")}.${suffix}`,
      namespace: regarding.namespace || "default",
      count: 1,
      lastMs: 0,
      written: false,
      waits: false,
    };
  }

  #forgetOldest(): void {
    const [oldest] = this.#series.keys();
    if (oldest !== undefined) this.#series.delete(oldest);
  }

  /** One that a newer of its series took the place of goes on waiting as that one. */
  #gaveUp(series: Series, error: unknown): void {
    if (error instanceof Superseded && error.by === "newer") return;
    this.#noLongerWaits(series);
    this.#options.onDropped();
  }

  #noLongerWaits(series: Series): void {
    if (series.waits) this.#waiting -= 1;
    series.waits = false;
  }

  async #write(series: Series, event: EventNote): Promise<void> {
    this.#noLongerWaits(series);
    try {
      await (series.written ? this.#count(series) : this.#create(series, event));
      series.written = true;
    } catch (error) {
      if (error instanceof KubeError && (error.status === 0 || error.status === 429)) throw error;
      if (error instanceof KubeError && error.status === 404) series.written = false;
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
      note: cutToBytes(event.note, longestNoteBytes),
      ...(series.count > 1 ? this.#seriesField(series) : {}),
    });
  }

  async #count(series: Series): Promise<void> {
    await mergePatch(this.#options.transport, { resource: resources.event, name: series }, this.#seriesField(series));
  }

  /** A series is of two at least; one alone has none. */
  #seriesField({ count }: Series): { readonly series: { readonly count: number; readonly lastObservedTime: string } } {
    const lastObservedTime = microTime(this.#options.clock.wallMs());
    return { series: { count: Math.max(2, count), lastObservedTime } };
  }
}
