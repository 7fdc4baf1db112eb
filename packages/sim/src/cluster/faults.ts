import type { Clock, Timer } from "@walras/kit";

import type { ApiServer } from "../apiserver/index.ts";
import type { Fault } from "../scenario/index.ts";

/** Programs beside the cluster that faults can hit; the one who starts them knows how to stop them. */
export interface ProgramFaults {
  killAgent(node: string): void;
  killController(): void;
}

/** What faults act on. */
export interface FaultTargets {
  readonly api: ApiServer;
  readonly programs: ProgramFaults;
  readonly fillNode: (node: string, request: string, useCores: number) => void;
  readonly restartContainer: (namespace: string, pod: string, container: string) => void;
  readonly setBadReports: (node: string, bad: boolean) => void;
  /** The user agent of the cluster's own calls, which faults spare. */
  readonly spared: string;
}

/** Lets the faults of a scenario happen at their times. */
export class FaultRunner {
  readonly #clock: Clock;
  readonly #targets: FaultTargets;
  readonly #timers: Timer[] = [];

  constructor(clock: Clock, targets: FaultTargets) {
    this.#clock = clock;
    this.#targets = targets;
  }

  /** Times of faults count from now. */
  start(faults: readonly Fault[]): void {
    for (const fault of faults) this.#after(fault.atSeconds, () => this.inject(fault));
  }

  stop(): void {
    for (const timer of this.#timers.splice(0)) timer.cancel();
  }

  /** Lets a fault happen now. */
  inject(fault: Fault): void {
    const { api, programs, fillNode, restartContainer, spared } = this.#targets;
    switch (fault.kind) {
      case "killAgent":
        return programs.killAgent(fault.node);
      case "killController":
        return programs.killController();
      case "dropWatches":
        return api.faults.dropWatches();
      case "expireHistory":
        api.faults.compactHistory();
        return api.faults.dropWatches();
      case "pauseApi":
        return this.#pause(fault.forSeconds);
      case "rejectCalls": {
        const retry = fault.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: fault.retryAfterSeconds };
        const filter = ({ userAgent }: { userAgent?: string }): boolean => userAgent !== spared;
        return api.faults.rejectNext(fault.count, { status: fault.status, ...retry, filter });
      }
      case "fillNode":
        return fillNode(fault.node, fault.request, fault.useCores);
      case "badReports":
        return this.#spoilReports(fault.node, fault.forSeconds);
      case "restartContainer":
        return restartContainer(fault.namespace, fault.pod, fault.container);
    }
  }

  #pause(forSeconds: number): void {
    const { faults } = this.#targets.api;
    faults.pause();
    this.#after(forSeconds, () => faults.resume());
  }

  #spoilReports(node: string, forSeconds: number): void {
    this.#targets.setBadReports(node, true);
    this.#after(forSeconds, () => this.#targets.setBadReports(node, false));
  }

  #after(seconds: number, run: () => void): void {
    this.#timers.push(this.#clock.after(seconds * 1000, run));
  }
}
