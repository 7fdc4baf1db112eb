import { appendFile, mkdir, readFile, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";

import { type Clock, describeError, type Logger } from "@walras/kit";
import { z } from "zod";

/** Which release of which Application, and when. */
const ofRelease = {
  at: z.iso.datetime(),
  app: z.string(),
  /** Journals of before have none. */
  namespace: z.string().min(1).optional(),
  id: z.string(),
};
const cutShort = { ...ofRelease, revisions: z.array(z.string()), reason: z.string(), message: z.string() };

const entrySchema = z.discriminatedUnion("event", [
  z.object({
    event: z.literal("asked"),
    ...ofRelease,
    revisions: z.array(z.string()),
    approvedBy: z.string().nullable(),
  }),
  z.object({
    event: z.literal("succeeded"),
    ...ofRelease,
    revisions: z.array(z.string()),
    seconds: z.number(),
    rollback: z.boolean(),
    /** Healthy, and OutOfSync all the same. */
    outOfSync: z.boolean().default(false),
    prune: z.boolean().default(false),
  }),
  z.object({ event: z.literal("failed"), ...cutShort }),
  z.object({ event: z.literal("withdrawn"), ...cutShort }),
  z.object({
    event: z.literal("condemned"),
    ...ofRelease,
    revision: z.string().nullable(),
  }),
]);

/** One line of the journal: what was asked of Argo CD on whose consent, and what it came to. */
export type JournalEntry = z.infer<typeof entrySchema>;

/** Where the journal is kept. */
export interface JournalPort {
  /** Everything there is, oldest first; lines that cannot be read are left out and told. */
  read(): Promise<readonly JournalEntry[]>;
  append(entry: JournalEntry): Promise<void>;
}

/** More than this and the file is put aside, one generation. */
const mostBytes = 16 * 1024 * 1024;

/** The journal as JSON lines in a file: an audit log, and what a new process remembers by. */
export class FileJournal implements JournalPort {
  readonly #file: string;
  readonly #logger: Logger;
  #last: Promise<void> = Promise.resolve();

  constructor(file: string, logger: Logger) {
    this.#file = file;
    this.#logger = logger;
  }

  async read(): Promise<readonly JournalEntry[]> {
    const files = [`${this.#file}.1`, this.#file];
    const texts = await Promise.all(files.map(readOrNothing));
    return texts.flatMap((text, at) =>
      text.split("\n").flatMap((line, index) => this.#parse(line, { file: files[at] ?? "", line: index + 1 })),
    );
  }

  append(entry: JournalEntry): Promise<void> {
    this.#last = this.#last.catch(() => undefined).then(() => this.#write(`${JSON.stringify(entry)}\n`));
    return this.#last;
  }

  #parse(line: string, where: { readonly file: string; readonly line: number }): JournalEntry[] {
    if (line === "") return [];
    try {
      return [entrySchema.parse(JSON.parse(line))];
    } catch (error) {
      this.#logger.warn({ ...where, error: describeError(error) }, "journal line left out");
      return [];
    }
  }

  async #write(line: string): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true });
    const size = await stat(this.#file).then(
      (found) => found.size,
      () => 0,
    );
    if (size > mostBytes) await rename(this.#file, `${this.#file}.1`);
    await appendFile(this.#file, line);
  }
}

/** A journal that lasts as long as the process; for simulations and tests. */
export class MemoryJournal implements JournalPort {
  readonly entries: JournalEntry[] = [];

  read(): Promise<readonly JournalEntry[]> {
    return Promise.resolve(this.entries);
  }

  append(entry: JournalEntry): Promise<void> {
    this.entries.push(entry);
    return Promise.resolve();
  }
}

async function readOrNothing(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

/** The moment of an entry. */
export function stamp(clock: Clock): string {
  return new Date(clock.wallMs()).toISOString();
}
