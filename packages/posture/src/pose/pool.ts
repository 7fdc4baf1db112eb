import workerpool, { type Pool } from "workerpool";

import type { Analysis, BrokenPicture, PoseAnalyzer } from "./analyzer.ts";

export interface PoolOptions {
  readonly workers: number;
  readonly modelDir: string;
  /** A worker that takes longer for one picture is ended, and another takes its place. */
  readonly timeoutMs: number;
  /** The worker's program. */
  readonly program: string;
}

/** Analyzes in worker threads, each with a model of its own. */
export class PosePool implements PoseAnalyzer {
  readonly name = "pose workers";
  readonly #options: PoolOptions;
  #pool: Pool | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  start(): void {
    const { workers, modelDir, program } = this.#options;
    this.#pool = workerpool.pool(program, {
      workerType: "thread",
      minWorkers: workers,
      maxWorkers: workers,
      workerThreadOpts: { workerData: { modelDir } },
    });
  }

  async stop(): Promise<void> {
    await this.#pool?.terminate(true);
  }

  async analyze(bytes: Uint8Array<SharedArrayBuffer>, annotate: boolean): Promise<Analysis | BrokenPicture> {
    if (this.#pool === undefined) throw new Error("the pose workers were not started");
    const answer: unknown = await this.#pool.exec("analyze", [bytes, annotate]).timeout(this.#options.timeoutMs);
    return answer as Analysis | BrokenPicture;
  }
}
