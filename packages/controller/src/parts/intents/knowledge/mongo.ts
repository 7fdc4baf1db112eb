import { type Clock, describeError, type Logger, Repeating, type Runnable } from "@walras/kit";
import { BSON, type Db, MongoBulkWriteError, MongoClient, MongoServerError, ObjectId } from "mongodb";

import type { KnowledgeBase, PlanEvent } from "../loop/ports.ts";
import type { Effect } from "../models/effects.ts";
import { effectDocument, eventDocument, readEffect, readEvent } from "./documents.ts";
import { Outbox } from "./outbox.ts";
import { plainer, withOwnKeys } from "./plainer.ts";

export interface MongoOptions {
  /** `mongodb://…`, with whatever authentication and TLS it names. */
  readonly uri: string;
  /** What is older is deleted: the server may know no retention of its own. */
  readonly keptMs: number;
  readonly mostEvents: number;
  /** How long one call may take. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** So many events are lost, since the server does not keep up or refuses them. */
  readonly onDropped: (count: number) => void;
}

const database = "intents";
/** Written together: what comes in this time, or so many. */
const batchMs = 200;
const batchMost = 500;
/** Kept while the server is away. */
const mostUnwritten = { most: 20_000, mostBytes: 64 * 2 ** 20 };
/** MongoDB takes 16 MiB, and a moment of a workload is a thousandth of it. */
const mostEventBytes = 2 ** 20;
const retryMs = 5_000;
const retentionEveryMs = 600_000;
/** Of an intent, the newest. */
const mostEffects = 500;
/** MongoDB's codes for a document that the server does not take, and for one that it has. */
const badValue = 2;
const duplicateKey = 11_000;

type Document = Readonly<Record<string, unknown>>;
/** Its identity is given here, so that writing it twice is writing it once. */
type Identified = Document & { readonly _id: ObjectId };

/**
 * The prototype's knowledge base: database `intents` of a MongoDB, collections
 * `events` and `effects`. Events wait for the server in memory, as many as
 * there may be, so that planning does not; the client connects anew by itself.
 */
export class MongoKnowledge implements KnowledgeBase, Runnable {
  readonly name = "knowledge base";
  readonly #options: MongoOptions;
  readonly #client: MongoClient;
  readonly #writing: Repeating;
  readonly #keeping: Repeating;
  readonly #unwritten: Outbox<Identified>;
  #isIndexed = false;
  /** The server does not take all that MongoDB does. */
  #plain = false;
  #flushing: Promise<void> | undefined;
  #retryAtMs = 0;

  /** @throws MongoParseError for a URI that is none */
  constructor(options: MongoOptions) {
    this.#options = options;
    this.#client = new MongoClient(options.uri, {
      appName: "walras",
      serverSelectionTimeoutMS: options.timeoutMs,
      connectTimeoutMS: options.timeoutMs,
      socketTimeoutMS: 2 * options.timeoutMs,
      maxPoolSize: 4,
    });
    const { clock, logger, onDropped } = options;
    this.#unwritten = new Outbox({ ...mostUnwritten, onDropped });
    const write = (): Promise<void> => this.#writeIfDue();
    const keep = (): Promise<void> => this.forgetOld();
    this.#writing = new Repeating({ name: "knowledge base writes", everyMs: batchMs, run: write, clock, logger });
    this.#keeping = new Repeating({
      name: "knowledge base retention",
      everyMs: retentionEveryMs,
      run: keep,
      clock,
      logger,
    });
  }

  /** Nobody waits for the server. */
  async start(): Promise<void> {
    await this.#writing.start();
    await this.#keeping.start();
  }

  /** What waits is written before, where the server takes it. */
  async stop(): Promise<void> {
    await Promise.all([this.#writing.stop(), this.#keeping.stop()]);
    await this.#flush().catch((error: unknown) => {
      const { size: lost } = this.#unwritten;
      this.#options.logger.warn({ error: describeError(error), lost }, "knowledge base: events are lost");
    });
    await this.#client.close();
  }

  /** Resolves when the event waits for the server; beyond what may wait the oldest is lost. */
  record(event: PlanEvent): Promise<void> {
    const document = { _id: new ObjectId(), ...eventDocument(event) };
    const bytes = BSON.calculateObjectSize(document);
    if (bytes > mostEventBytes)
      return Promise.reject(new Error(`the event of ${event.name} is too large: ${bytes} bytes`));
    this.#unwritten.push(document, bytes);
    return Promise.resolve();
  }

  async events(intent: string, most: number): Promise<readonly PlanEvent[]> {
    await this.#flush();
    const found = this.#collection("events").find({ name: intent }).sort({ _id: -1 }).limit(most);
    return this.#read(await found.toArray(), readEvent);
  }

  async effects(intent: string): Promise<readonly Effect[]> {
    const found = this.#collection("effects").find({ name: intent }).sort({ _id: -1 }).limit(mostEffects);
    return this.#read(await found.toArray(), readEffect);
  }

  async learn(effect: Effect): Promise<void> {
    const document = effectDocument(effect, this.#options.clock.wallMs());
    await this.#index();
    const refused = await this.#insert("effects", [{ _id: new ObjectId(), ...document }]);
    if (refused !== null) throw new Error("the knowledge base refuses an effect", { cause: refused });
  }

  /** What is too old, and what is too much; done again and again while it runs. */
  async forgetOld(): Promise<void> {
    const { keptMs, mostEvents, clock } = this.#options;
    const oldest = new Date(clock.wallMs() - keptMs);
    const events = this.#collection("events");
    await events.deleteMany({ timestamp: { $lt: oldest } });
    await this.#collection("effects").deleteMany({ static: { $ne: true }, timestamp: { $lt: oldest } });
    const [first] = await events
      .find({}, { projection: { _id: 1 } })
      .sort({ _id: -1 })
      .skip(mostEvents)
      .limit(1)
      .toArray();
    if (first) await events.deleteMany({ _id: { $lte: first._id } });
  }

  #collection(name: "events" | "effects"): ReturnType<Db["collection"]> {
    return this.#client.db(database).collection(name);
  }

  /** Newest first becomes oldest first. What cannot be read, by whoever it was written, is left out and told. */
  #read<Item>(documents: readonly Document[], read: (document: Document) => Item): Item[] {
    return documents.toReversed().flatMap((document) => {
      try {
        return [read(withOwnKeys(document) as Document)];
      } catch (error) {
        this.#options.logger.warn({ error: describeError(error) }, "knowledge base: a document cannot be read");
        return [];
      }
    });
  }

  async #writeIfDue(): Promise<void> {
    const { clock } = this.#options;
    if (this.#unwritten.size === 0 || clock.monotonicMs() < this.#retryAtMs) return;
    try {
      await this.#flush();
    } catch (error) {
      this.#retryAtMs = clock.monotonicMs() + retryMs;
      throw error;
    }
  }

  /** @throws Error where the server is away; the events go on waiting */
  #flush(): Promise<void> {
    this.#flushing ??= this.#flushAll().finally(() => (this.#flushing = undefined));
    return this.#flushing;
  }

  async #flushAll(): Promise<void> {
    if (this.#unwritten.size > 0) await this.#index();
    while (this.#unwritten.size > 0)
      await this.#unwritten.hand(batchMost, async (batch) => this.#lose(await this.#insert("events", batch)));
  }

  #lose(refused: MongoBulkWriteError | null): void {
    if (refused === null) return;
    const lost = refusalsOf(refused).length;
    this.#options.onDropped(lost);
    this.#options.logger.warn({ error: refused.message, lost }, "knowledge base refuses events");
  }

  /**
   * @returns what the server refuses for what it is; null: it has them all
   * @throws Error where it is away
   */
  async #insert(name: "events" | "effects", documents: readonly Identified[]): Promise<MongoBulkWriteError | null> {
    const fitting = this.#plain ? documents.map((document) => plainer(document) as Identified) : documents;
    try {
      await this.#collection(name).insertMany([...fitting], { ordered: false });
      return null;
    } catch (error) {
      // The driver has errors of the connection as those of writes, of which there is none then.
      if (!(error instanceof MongoBulkWriteError) || [error.writeErrors].flat().length === 0) throw error;
      const refusals = refusalsOf(error);
      if (refusals.length === 0) return null;
      if (this.#plain || !refusals.includes(badValue)) return error;
      this.#plain = true;
      return this.#insert(name, documents);
    }
  }

  /** Who may not make indexes does without. */
  async #index(): Promise<void> {
    if (this.#isIndexed) return;
    try {
      await this.#collection("events").createIndex({ name: 1, _id: -1 });
      await this.#collection("events").createIndex({ timestamp: 1 });
      await this.#collection("effects").createIndex({ name: 1, group: 1, profileName: 1, _id: -1 });
    } catch (error) {
      if (!(error instanceof MongoServerError)) throw error;
      this.#options.logger.warn({ error: error.message }, "knowledge base: no indexes are made");
    }
    this.#isIndexed = true;
  }
}

/** Codes of what was refused; what is there already is not. */
function refusalsOf({ writeErrors }: MongoBulkWriteError): number[] {
  return [writeErrors].flat().flatMap(({ code }) => (code === duplicateKey ? [] : [code]));
}
