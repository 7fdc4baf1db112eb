import type { Timer } from "@walras/kit";

import { BoundedLines } from "./boundedLines.ts";
import { type GpuRow, isNeeded, parseRow, queriedFields, unknownFieldIn } from "./gpuRow.ts";
import { GpuRounds } from "./gpuRounds.ts";
import { type SmiEnd, type SmiProcess, type SmiProgram, startSmi } from "./smiProcess.ts";

/** A hundred GPUs write a tenth of it in one round. */
const mostBytesARound = 256 * 1024;
const mostSaid = 300;

/** Why a loop is over. */
export interface LoopEnd {
  readonly trouble: string;
  /** nvidia-smi has said so itself; otherwise it was killed or crashed, which says nothing of the GPUs. */
  readonly definite: boolean;
}

export interface SmiLoopOptions extends SmiProgram {
  readonly intervalMs: number;
  /** Without a round for so long it is killed; the first may take long where no persistence daemon holds the driver. */
  readonly patienceMs: number;
  readonly onRound: (rows: readonly GpuRow[]) => void;
  /** It does not answer, and has been told to end. */
  readonly onTrouble: (trouble: string) => void;
}

/** One nvidia-smi that goes on asking. Fields that its driver does not know are remembered, and left out by the next. */
export class SmiLoop {
  readonly #options: SmiLoopOptions;
  readonly #unknown = new Set<string>();
  #process: SmiProcess | undefined;
  #killed: string | null = null;
  /** What it wrote that is no row: why it cannot answer, mostly. */
  #said = "";

  constructor(options: SmiLoopOptions) {
    this.#options = options;
  }

  /** Runs until it ends or is stopped; never to be called twice at a time. */
  async run(): Promise<LoopEnd> {
    for (;;) {
      const known = this.#unknown.size;
      const end = await this.#once(queriedFields.filter((field) => !this.#unknown.has(field)));
      if (this.#killed !== null || this.#unknown.size === known) return end;
    }
  }

  stop(): void {
    this.#kill("stopped");
  }

  async #once(fields: readonly string[]): Promise<LoopEnd> {
    this.#killed = null;
    this.#said = "";
    const watch = new Watch(this.#options, (trouble) => this.#giveUp(trouble));
    const rounds = new GpuRounds();
    const lines = new BoundedLines((line) => {
      const row = parseRow(line, fields);
      if (row === null) this.#remember(line);
      const round = row && rounds.add(row);
      if (round === null) return;
      watch.roundCame();
      this.#options.onRound(round);
    });
    const { intervalMs } = this.#options;
    const args = [`--query-gpu=${fields.join(",")}`, "--format=csv,noheader,nounits", `--loop-ms=${intervalMs}`];
    this.#process = startSmi(this.#options, args, (text) => {
      watch.textCame(text.length);
      if (this.#killed === null) lines.push(text);
    });
    const end = await this.#process.ended;
    if (this.#killed === null) lines.end();
    watch.stop();
    this.#process = undefined;
    return this.#endOf(end);
  }

  #remember(line: string): void {
    const field = unknownFieldIn(line);
    if (field !== null && !isNeeded(field)) this.#unknown.add(field);
    if (this.#said.length < mostSaid) this.#said = `${this.#said} ${line}`.trim().slice(0, mostSaid);
  }

  #endOf({ exited, ok, how, complaint }: SmiEnd): LoopEnd {
    if (this.#killed !== null) return { trouble: this.#killed, definite: false };
    const words = [this.#said, complaint].filter((text) => text !== "").join(" ");
    return {
      trouble: words === "" ? `nvidia-smi ended: ${how}` : `${words} (${how})`,
      definite: exited && !ok && words !== "",
    };
  }

  #giveUp(why: string): void {
    if (this.#killed !== null) return;
    this.#kill(this.#said === "" ? why : `${why}: ${this.#said}`);
    this.#options.onTrouble(this.#killed ?? why);
  }

  #kill(why: string): void {
    this.#killed ??= why;
    this.#process?.kill();
  }
}

/** Sees to it that a loop answers in time and does not flood. */
class Watch {
  readonly #options: SmiLoopOptions;
  readonly #giveUp: (trouble: string) => void;
  #timer: Timer;
  #bytes = 0;
  #sinceMs: number;

  constructor(options: SmiLoopOptions, giveUp: (trouble: string) => void) {
    this.#options = options;
    this.#giveUp = giveUp;
    this.#timer = this.#wait();
    this.#sinceMs = options.clock.monotonicMs();
  }

  roundCame(): void {
    this.#timer.cancel();
    this.#timer = this.#wait();
  }

  textCame(length: number): void {
    const { clock, intervalMs } = this.#options;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#sinceMs > intervalMs) [this.#bytes, this.#sinceMs] = [0, nowMs];
    this.#bytes += length;
    if (this.#bytes > mostBytesARound) this.#end("nvidia-smi writes without end");
  }

  stop(): void {
    this.#timer.cancel();
  }

  #wait(): Timer {
    const { clock, patienceMs } = this.#options;
    return clock.after(patienceMs, () => this.#end(`nvidia-smi has not answered for ${patienceMs / 1000} s`));
  }

  #end(trouble: string): void {
    this.#timer.cancel();
    this.#giveUp(trouble);
  }
}
