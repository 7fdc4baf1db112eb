import { NotKnown } from "../../decide/notKnown.ts";
import type { MqttMetric, MqttSpec } from "./metadata.ts";

export interface MqttMessage {
  readonly topic: string;
  readonly payload: Buffer;
  /** Published to be retained; under MQTT 5's retain-as-published also when it comes live. */
  readonly retain: boolean;
}

/** What messages on a topic come to. Times are monotonic milliseconds. */
export interface Tally {
  /** The broker is about to tell what it retains. */
  begin(nowMs: number): void;
  hear(message: MqttMessage, nowMs: number): void;
  /** Items that wait. @throws NotKnown where that is not known yet */
  items(nowMs: number): number;
}

const tallies: Readonly<Record<MqttMetric, (spec: MqttSpec) => Tally>> = {
  messages: ({ windowMs }) => new MessageTally(windowMs),
  retained: ({ topic }) => new RetainedTally(topic),
  depth: ({ topic }) => new DepthTally(topic),
};

/** A tally of what the trigger means by its topic. */
export function tallyOf(spec: MqttSpec): Tally {
  return tallies[spec.metric](spec);
}

const bucketMs = 1000;

/** Messages of the last `windowMs`, to the second: what has come, whoever has dealt with it. */
class MessageTally implements Tally {
  readonly #windowMs: number;
  readonly #buckets = new Map<number, number>();

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  begin(): void {
    // What came before is still of the window.
  }

  hear(_message: MqttMessage, nowMs: number): void {
    this.#forget(nowMs);
    const bucket = Math.floor(nowMs / bucketMs);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
  }

  items(nowMs: number): number {
    this.#forget(nowMs);
    return this.#buckets.values().reduce((sum, count) => sum + count, 0);
  }

  /** Buckets are in order of time. */
  #forget(nowMs: number): void {
    for (const bucket of this.#buckets.keys()) {
      if (bucket * bucketMs > nowMs - this.#windowMs) return;
      this.#buckets.delete(bucket);
    }
  }
}

/** A broker sends what it retains right after it has granted the subscription, without saying when it is done. */
const retainedComeMs = 1000;
/** Beyond it the count is a lower bound, and more jobs than any cluster starts at once. */
const mostTopics = 20_000;

/** Topics that hold a retained message: a queue whose items are taken by clearing them. */
class RetainedTally implements Tally {
  readonly #filter: string;
  #begunMs: number | null = null;
  #before: number | null = null;
  readonly #topics = new Set<string>();

  constructor(filter: string) {
    this.#filter = filter;
  }

  begin(nowMs: number): void {
    if (this.#begunMs !== null && !this.#coming(nowMs)) this.#before = this.#topics.size;
    this.#begunMs = nowMs;
    this.#topics.clear();
  }

  hear({ topic, payload, retain }: MqttMessage): void {
    if (!retain) return;
    if (payload.length === 0) this.#topics.delete(topic);
    else if (this.#topics.size < mostTopics) this.#topics.add(topic);
  }

  items(nowMs: number): number {
    if (!this.#coming(nowMs)) return this.#topics.size;
    if (this.#before !== null) return this.#before;
    throw new NotKnown(`MQTT topic ${this.#filter}: retained messages are still coming`);
  }

  #coming(nowMs: number): boolean {
    return this.#begunMs === null || nowMs - this.#begunMs < retainedComeMs;
  }
}

const longestNumber = 64;

/** The number that a topic's newest message is: a depth that the broker or a producer publishes. */
class DepthTally implements Tally {
  readonly #topic: string;
  #text: string | null = null;

  constructor(topic: string) {
    this.#topic = topic;
  }

  begin(): void {
    // The number before stands until there is another.
  }

  hear({ payload }: MqttMessage): void {
    this.#text = payload.subarray(0, longestNumber).toString("utf8").trim();
  }

  items(): number {
    if (this.#text === null) throw new NotKnown(`MQTT topic ${this.#topic}: no message has come yet`);
    const depth = this.#text === "" ? Number.NaN : Number(this.#text);
    if (!Number.isFinite(depth)) {
      throw new NotKnown(`MQTT topic ${this.#topic}: ${JSON.stringify(this.#text)} is not a number`);
    }
    return Math.max(0, depth);
  }
}
