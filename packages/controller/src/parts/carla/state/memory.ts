import { describeError, type Logger } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";
import { z } from "zod";

import type { MemoryPort } from "../act/memory.ts";
import type { Verdict } from "../act/tracks.ts";
import { isForbidden, Note } from "./notes.ts";

const verdictSchema = z.object({
  app: z.string(),
  atMs: z.number(),
  condemnedRevision: z.string().nullable(),
  settled: z.object({ revision: z.string(), pruned: z.boolean() }).nullable(),
});

/** Annotations of one object may be 256 KiB together. */
const mostBytes = 200 * 1024;

/** Verdicts in an object of CARLA's own namespace: a new pod with an empty disk knows them. */
export class LeaseMemory implements MemoryPort {
  readonly #note: Note;
  readonly #logger: Logger;
  readonly #where: string;

  constructor(transport: KubeTransport, namespace: string, logger: Logger) {
    this.#note = new Note(transport, { namespace, name: "carla-memory", key: "carla.ops/verdicts" });
    this.#logger = logger;
    this.#where = `Lease ${namespace}/carla-memory`;
  }

  /** Who may not read has none; an entry that cannot be read is told and left out. @throws KubeError */
  async read(): Promise<readonly Verdict[]> {
    try {
      return this.#parse((await this.#note.read()) ?? "[]");
    } catch (error) {
      if (!isForbidden(error)) throw error;
      this.#complain(describeError(error), "condemned revisions of earlier pods are not known");
      return [];
    }
  }

  write(verdicts: readonly Verdict[]): Promise<void> {
    return this.#note.write(fitting(verdicts));
  }

  #parse(text: string): readonly Verdict[] {
    try {
      const entries = z.array(z.unknown()).parse(JSON.parse(text));
      return entries.flatMap((entry) => this.#entry(entry));
    } catch (error) {
      this.#complain(describeError(error), "condemned revisions of earlier pods cannot be read");
      return [];
    }
  }

  #entry(entry: unknown): Verdict[] {
    const { success, data, error } = verdictSchema.safeParse(entry);
    if (success) return [data];
    this.#complain(`${JSON.stringify(entry).slice(0, 200)}: ${describeError(error)}`, "verdict left out");
    return [];
  }

  #complain(error: string, message: string): void {
    this.#logger.warn({ object: this.#where, error }, message);
  }
}

/** The newest that fit. */
function fitting(verdicts: readonly Verdict[]): string {
  const text = JSON.stringify(verdicts);
  if (Buffer.byteLength(text) <= mostBytes) return text;
  return fitting(verdicts.slice(Math.ceil(verdicts.length / 8)));
}
