import { demandViewSchema } from "@walras/controller/demand";
import { type Clock, parseWith, sleep } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";

import { freshMs } from "../cluster/throttling.ts";
import { nodesNow, podsNow } from "./facts.ts";
import { RecordingFile } from "./file.ts";
import type { Frame } from "./frames.ts";

export interface RecordOptions {
  readonly out: string;
  readonly forMs: number;
  readonly intervalMs: number;
  readonly mostBytes: number;
}

/** Where a recording comes from. */
export interface RecordSources {
  readonly transport: KubeTransport;
  /** What the controller shows of its agents' reports. */
  readonly demand: () => Promise<unknown>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** @param share done, 0..1 */
  readonly progress: (share: number) => void;
}

/** What was recorded. */
export interface Recorded {
  readonly file: string;
  readonly seconds: number;
  readonly frames: number;
  readonly containers: number;
  readonly bytes: number;
  /** Why it ended. */
  readonly ended: "time" | "size" | "stopped";
}

/** Pods and what they are told change less often than their use. */
const factsEveryMs = 5_000;

/**
 * Writes down what agents report and what pods declare, until the time is
 * over, the file is full or somebody stops it.
 *
 * @throws FieldError, ClusterError, KubeError
 */
export async function record(options: RecordOptions, sources: RecordSources): Promise<Recorded> {
  const { out, forMs, intervalMs, mostBytes } = options;
  const { clock, signal, progress } = sources;
  const file = await RecordingFile.create(out, mostBytes);
  const session = new Session(file, sources);
  const passedMs = (): number => clock.monotonicMs() - session.startedMs;
  try {
    await session.begin(intervalMs);
    while (!signal.aborted && passedMs() < forMs && !file.full) {
      await session.step();
      progress(passedMs() / forMs);
      await sleep(clock, Math.max(0, session.nextMs(intervalMs) - clock.monotonicMs()), signal);
    }
  } finally {
    await file.close();
  }
  const ended = signal.aborted ? "stopped" : file.full ? "size" : "time";
  return { file: out, seconds: Math.round(passedMs() / 1000), ...session.counts, bytes: file.bytes, ended };
}

class Session {
  readonly startedMs: number;
  readonly #file: RecordingFile;
  readonly #sources: RecordSources;
  readonly #containers = new Set<string>();
  #frames = 0;
  #steps = 0;
  #factsMs = -Infinity;

  constructor(file: RecordingFile, sources: RecordSources) {
    this.#file = file;
    this.#sources = sources;
    this.startedMs = sources.clock.monotonicMs();
  }

  get counts(): Pick<Recorded, "frames" | "containers"> {
    return { frames: this.#frames, containers: this.#containers.size };
  }

  /** When the next step is due: by the clock's beat, whatever the last one took. */
  nextMs(intervalMs: number): number {
    return this.startedMs + this.#steps * intervalMs;
  }

  async begin(intervalMs: number): Promise<void> {
    const { clock, transport } = this.#sources;
    await this.#write({ kind: "header", version: 1, at: new Date(clock.wallMs()).toISOString(), intervalMs });
    await this.#write({ kind: "nodes", atMs: 0, nodes: await nodesNow(transport) });
  }

  async step(): Promise<void> {
    this.#steps += 1;
    const { transport, demand } = this.#sources;
    if (this.#passedMs() - this.#factsMs >= factsEveryMs) {
      this.#factsMs = this.#passedMs();
      await this.#write({ kind: "pods", atMs: this.#factsMs, pods: await podsNow(transport) });
    }
    const { nodes } = parseWith(demandViewSchema, await demand(), "/demand");
    const fresh = nodes.flatMap(({ containers }) => containers.filter(({ ageMs }) => ageMs <= freshMs));
    for (const { containerId } of fresh) this.#containers.add(containerId);
    const use = fresh.map((one): [string, number, number] => [one.containerId, one.usageMilli, one.throttledMilli]);
    await this.#write({ kind: "use", atMs: this.#passedMs(), use });
  }

  #passedMs(): number {
    return Math.round(this.#sources.clock.monotonicMs() - this.startedMs);
  }

  async #write(frame: Frame): Promise<void> {
    this.#frames += 1;
    await this.#file.write(frame);
  }
}
