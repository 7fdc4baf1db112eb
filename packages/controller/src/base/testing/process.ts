import { Lifecycle, type Runnable, seededRng, silentLogger, type VirtualClock } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";
import { type ApiServer, inProcessTransport } from "@walras/sim/apiserver";
import { Command } from "commander";

import { type Base, wireBase } from "../base.ts";
import { addBaseFlags, type BaseConfig, baseSchema, commonDefaults } from "../config/flags.ts";
import type { Surroundings } from "../config/surroundings.ts";

/** What a part of a test's controller is wired with. */
export interface Wired {
  readonly around: Surroundings;
  readonly base: Base;
  readonly config: BaseConfig;
}

interface ProcessGiven {
  readonly api: ApiServer;
  readonly clock: VirtualClock;
  /** Another one for each process of a test: its identity, and the seed of its chance. */
  readonly number: number;
  /** Around what it reaches the API server by. */
  readonly over?: (transport: KubeTransport) => KubeTransport;
  readonly leaseName?: string;
  readonly wire: (wired: Wired) => { readonly runnables: readonly Runnable[] };
}

/** A controller of one part, as a process is. All of it has begun; it leads once time has gone on. */
export async function startProcess({ api, clock, number, over, leaseName, wire }: ProcessGiven): Promise<Process> {
  const line = { cut: false };
  const own = cuttable(inProcessTransport(api, "walras-controller"), line);
  const transport = over ? over(own) : own;
  const around = { clock, rng: seededRng(number), logger: silentLogger, onLost: () => undefined, transport };
  const named = { identity: `c${number}`, ...(leaseName === undefined ? {} : { leaseName }) };
  const config = baseSchema.parse({ ...commonDefaults, ...addBaseFlags(new Command(), {}).opts(), ...named });
  const base = await wireBase(config, undefined, around);
  const { runnables } = wire({ around, base, config });
  const lifecycle = new Lifecycle([...base.runnables, ...runnables, base.writes], silentLogger);
  void lifecycle.start();
  await new Promise((resolve) => setImmediate(resolve));
  return new Process(lifecycle, line);
}

/** A controller that runs. */
export class Process {
  readonly #lifecycle: Lifecycle;
  readonly #line: { cut: boolean };

  constructor(lifecycle: Lifecycle, line: { cut: boolean }) {
    this.#lifecycle = lifecycle;
    this.#line = line;
  }

  /** As kill -9: nothing of it reaches the API server any more. */
  kill(): void {
    this.#line.cut = true;
  }

  /** @param clock goes on, since stopping takes its time */
  async stop(clock: VirtualClock): Promise<void> {
    const stopped = this.#lifecycle.stop();
    await clock.advance(5_000);
    await stopped;
  }
}

function cuttable(transport: KubeTransport, line: { readonly cut: boolean }): KubeTransport {
  const never = new Promise<never>(() => undefined);
  return {
    send: (request) => (line.cut ? never : transport.send(request).then((answer) => (line.cut ? never : answer))),
    stream: (request) => (line.cut ? never : transport.stream(request)),
  };
}
