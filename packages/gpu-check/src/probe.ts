import { type Clock, Polled, type Logger, type Runnable } from "@walras/kit";

import type { Identity } from "./config.ts";
import { json, plain, type Routes } from "./server.ts";
import type { Machine } from "./sight/machine.ts";
import { type Devices, readDevices } from "./sight/read.ts";
import type { Sight } from "./sight/sight.ts";

export interface ProbeOptions {
  readonly identity: Identity;
  readonly machine: Machine;
  readonly everyMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A line for the log, without its end. */
  readonly write: (line: string) => void;
}

const deadlineMs = 20_000;
const nothing: Devices = { gpus: null, source: null, deviceFiles: [], processes: null, trouble: null };

/** Says every interval where the pod is and what it may use, and shows what it sees. */
export class Probe implements Runnable {
  readonly name = "probe";
  readonly #options: ProbeOptions;
  readonly #polled: Polled<Devices>;

  constructor(options: ProbeOptions) {
    this.#options = options;
    const { machine, everyMs, clock, logger, identity, write } = options;
    this.#polled = new Polled<Devices>({
      name: "devices",
      ask: () => {
        write(logLine(identity));
        return readDevices(machine);
      },
      everyMs,
      deadlineMs,
      freshMs: Infinity,
      clock,
      logger,
    });
  }

  start(): Promise<void> {
    return this.#polled.start();
  }

  stop(): Promise<void> {
    return this.#polled.stop();
  }

  sight(): Sight {
    const last = this.#polled.last();
    return { ...this.#options.identity, ...(last?.value ?? nothing), ageMs: Math.round(last?.ageMs ?? unreadMs) };
  }

  routes(): Routes {
    return { "/": () => json(200, this.sight()), "/healthz": () => plain(200, "ok") };
  }
}

/** Before the first reading: too old for anybody to believe. */
const unreadMs = 1e9;

/** The prototype's line, word by word. */
export function logLine({ node, pod, cudaVisibleDevices }: Identity): string {
  const devices = cudaVisibleDevices ?? "not-set";
  return `Node: ${node ?? pod}, CUDA_VISIBLE_DEVICES: ${devices === "" ? "empty" : devices}`;
}
