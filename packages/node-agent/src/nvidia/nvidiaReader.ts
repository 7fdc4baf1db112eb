import {
  Backoff,
  type Clock,
  describeError,
  type Logger,
  Once,
  Repeating,
  type Rng,
  type Runnable,
  sleep,
} from "@walras/kit";

import { findProgram } from "./findProgram.ts";
import type { GpuRow } from "./gpuRow.ts";
import type { GpuReader, GpuReading, GpuState } from "./gpuState.ts";
import { procStates, statesOf } from "./gpuStates.ts";
import { type ProcGpu, readProcGpus } from "./procGpus.ts";
import { type NamedDetail, readDetails, TornReadError } from "./smiDetails.ts";
import { type LoopEnd, SmiLoop } from "./smiLoop.ts";
import type { SmiProgram } from "./smiProcess.ts";

export interface NvidiaReaderOptions {
  /** A path, or a name to be looked for in `env.PATH`. */
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
  readonly procRoot: string;
  /** From one round to the next. */
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly timing?: NvidiaTiming;
}

export interface NvidiaTiming {
  /** Details are read so often, besides whenever GPUs or their MIG modes change. */
  readonly detailsEveryMs: number;
  /** After a read that fell into a change. */
  readonly tornAgainMs: number;
  /** Without a round for so long the loop is started anew, and what it said is no more believed. */
  readonly patienceMs: number;
  readonly firstRestartMs: number;
  /** Also between two looks for a program that is not there. A reading of the driver's files is as old, and the controller believes none older than a minute. */
  readonly lastRestartMs: number;
}

const usual: NvidiaTiming = {
  detailsEveryMs: 60_000,
  tornAgainMs: 5_000,
  patienceMs: 30_000,
  firstRestartMs: 1_000,
  lastRestartMs: 30_000,
};

const nothingHere = "no nvidia-smi and no NVIDIA driver";
/** A process that waits for a driver which does not answer ends only when that does. */
const stopMs = 2_000;

/**
 * Reads the node's NVIDIA GPUs: one nvidia-smi goes on asking for what changes
 * each second, another is run now and then for MIG and processes, and where
 * none answers the driver's files say which GPUs there are.
 */
export class NvidiaReader implements GpuReader, Runnable {
  readonly name = "gpus";
  readonly #options: NvidiaReaderOptions;
  readonly #timing: NvidiaTiming;
  readonly #details: Repeating;
  readonly #backoff: Backoff;
  readonly #said = new Once();
  readonly #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #loop: SmiLoop | undefined;
  #program: SmiProgram | null = null;
  #latest: GpuReading | null = null;
  #proc: readonly ProcGpu[] | null = null;
  #known: ReadonlyMap<string, NamedDetail> | null = null;
  #knownAtMs = -Infinity;
  #roundAtMs = -Infinity;
  #detailTrouble: string | null = null;
  #torn = false;
  /** Which GPUs there are, in which MIG modes. */
  #layout = "";

  constructor(options: NvidiaReaderOptions) {
    const { clock, rng, logger } = options;
    this.#options = options;
    this.#timing = options.timing ?? usual;
    const { firstRestartMs, lastRestartMs, tornAgainMs, detailsEveryMs } = this.#timing;
    this.#backoff = new Backoff({ firstMs: firstRestartMs, maxMs: lastRestartMs }, rng);
    this.#details = new Repeating({
      name: "gpu details",
      everyMs: () => (this.#torn ? tornAgainMs : detailsEveryMs),
      run: (signal) => this.#readDetails(signal),
      clock,
      logger,
    });
  }

  latest(): GpuReading | null {
    return this.#latest;
  }

  /** Returns at once: a driver may take its time, and the agent has other things to do. */
  start(): void {
    void this.#details.start();
    this.#running = this.#run(this.#abort.signal);
  }

  /** Returns when no process of it is left, or when one that was killed does not end in time. */
  async stop(): Promise<void> {
    this.#abort.abort();
    this.#loop?.stop();
    const patience = new AbortController();
    await Promise.race([
      Promise.all([this.#running, this.#details.stop()]),
      sleep(this.#options.clock, stopMs, patience.signal),
    ]);
    patience.abort();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      const path = findProgram(this.#options.program, this.#options.env["PATH"] ?? "");
      if (path === null) this.#withoutProgram();
      else await this.#runLoop(path);
      if (!signal.aborted)
        await sleep(clock, path === null ? this.#timing.lastRestartMs : this.#backoff.nextMs(), signal);
    }
  }

  async #runLoop(path: string): Promise<void> {
    const { clock } = this.#options;
    const startedMs = clock.monotonicMs();
    this.#ended(await this.#loopOf(path).run());
    // One that ends again and again is started less and less often, whether it answers in between or not.
    if (this.#roundAtMs - startedMs > this.#timing.patienceMs) this.#backoff.reset();
  }

  #loopOf(path: string): SmiLoop {
    const { env, clock, intervalMs } = this.#options;
    if (this.#program?.path === path && this.#loop !== undefined) return this.#loop;
    this.#program = { path, env, clock };
    this.#loop = new SmiLoop({
      ...this.#program,
      intervalMs,
      patienceMs: this.#timing.patienceMs,
      onRound: (rows) => this.#round(rows),
      onTrouble: (trouble) => this.#ended({ trouble, definite: false }),
    });
    return this.#loop;
  }

  #round(rows: readonly GpuRow[]): void {
    if (this.#abort.signal.aborted) return;
    this.#roundAtMs = this.#options.clock.monotonicMs();
    this.#noticeLayout(rows);
    const { detailsEveryMs } = this.#timing;
    const processesKnown = this.#roundAtMs - this.#knownAtMs < 3 * detailsEveryMs;
    const gpus = statesOf(rows, { details: this.#known, processesKnown, proc: this.#proc });
    this.#publish("nvidia-smi", gpus, missingIn(rows) ?? this.#detailTrouble);
  }

  /** The details are read anew when there are other GPUs than before, or other MIG modes. */
  #noticeLayout(rows: readonly GpuRow[]): void {
    const layout = rows.map(({ uuid, mig }) => `${uuid} ${mig}`).join("\n");
    if (layout === this.#layout) return;
    this.#layout = layout;
    this.#proc = readProcGpus(this.#options.procRoot);
    void this.#details.now();
  }

  async #readDetails(signal: AbortSignal): Promise<void> {
    if (this.#program === null || this.#layout === "") return;
    this.#proc = readProcGpus(this.#options.procRoot);
    try {
      const details = await readDetails(this.#program, signal);
      this.#known = new Map(details.map((detail) => [detail.uuid, detail]));
      this.#knownAtMs = this.#options.clock.monotonicMs();
      [this.#torn, this.#detailTrouble] = [false, null];
    } catch (error) {
      this.#torn = error instanceof TornReadError;
      this.#detailTrouble = describeError(error);
    }
  }

  /** What a loop that crashed or hung last said is held for a while: a restart is no news of the GPUs. */
  #ended({ trouble, definite }: LoopEnd): void {
    if (this.#abort.signal.aborted) return;
    this.#tellTrouble(trouble);
    const held = this.#options.clock.monotonicMs() - this.#roundAtMs < this.#timing.patienceMs;
    if (definite || !held) this.#fallBack(trouble);
  }

  #withoutProgram(): void {
    const there = readProcGpus(this.#options.procRoot) !== null;
    this.#fallBack(there ? `no program ${this.#options.program}: only the driver's files are read` : nothingHere);
  }

  #fallBack(trouble: string): void {
    this.#layout = "";
    this.#proc = readProcGpus(this.#options.procRoot);
    this.#publish("proc", procStates(this.#proc ?? [], trouble), trouble);
  }

  #publish(source: GpuReading["source"], gpus: readonly GpuState[], trouble: string | null): void {
    this.#latest = { atMs: this.#options.clock.wallMs(), source, gpus, trouble };
    this.#tellTrouble(trouble);
    if (gpus.length > 0 && this.#said.isNews("gpus", modelsOf(gpus))) {
      this.#options.logger.info({ gpus: gpus.length, models: modelsOf(gpus), source }, "NVIDIA GPUs");
    }
  }

  /** Once, by its text, and again when it changes. That there is no GPU is no complaint. */
  #tellTrouble(trouble: string | null): void {
    const had = this.#said.holds("trouble");
    const isNews = this.#said.isNews("trouble", trouble ?? undefined);
    const { logger } = this.#options;
    if (trouble === nothingHere && isNews) logger.info({ reason: trouble }, "no NVIDIA GPUs");
    else if (isNews) logger.warn({ reason: trouble }, "NVIDIA GPUs cannot be read, or not wholly");
    else if (had && trouble === null) logger.info("NVIDIA GPUs are read again");
  }
}

function missingIn(rows: readonly GpuRow[]): string | null {
  const count = rows.reduce((most, row) => Math.max(most, row.count ?? 0), rows.length);
  const named = rows.filter(({ uuid }) => uuid !== null).length;
  return named < count ? `nvidia-smi names ${named} of ${count} GPUs` : null;
}

/** "8 × NVIDIA H100 80GB HBM3" */
function modelsOf(gpus: readonly GpuState[]): string {
  const counts = new Map<string, number>();
  for (const { model } of gpus) counts.set(model, (counts.get(model) ?? 0) + 1);
  return [...counts].map(([model, count]) => `${count} × ${model}`).join(", ");
}
