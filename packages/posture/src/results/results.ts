import type { ResultSink } from "../loops/run.ts";
import type { ResultsDatabase } from "./database.ts";
import { appendResult, savePicture } from "./files.ts";
import type { LoopResult } from "./row.ts";

export interface ResultPlaces {
  readonly outputDir: string;
  readonly csvPath: string;
  readonly database: Pick<ResultsDatabase, "save"> | null;
}

/** Pictures and rows in files; rows in a database too where there is one. */
export class Results implements ResultSink {
  readonly #places: ResultPlaces;

  constructor(places: ResultPlaces) {
    this.#places = places;
  }

  async picture(result: Pick<LoopResult, "loop" | "piId" | "receivedAtMs">, jpeg: Uint8Array): Promise<void> {
    await savePicture(this.#places.outputDir, result, jpeg);
  }

  async result(result: LoopResult): Promise<void> {
    await appendResult(this.#places.csvPath, result);
    await this.#places.database?.save(result);
  }
}
