import { parseCpu } from "@walras/kit";
import { afterAll, afterEach, beforeAll, beforeEach, inject } from "vitest";

import type { PodView } from "./cluster.ts";
import type { ControllerProgram, Program } from "./programs.ts";
import { openStage, type Stage } from "./stage.ts";

/** One stage for all tests of a suite; programs, pods and the lease are each test's own. */
export interface MarketBed {
  /** Open from the first test on. */
  readonly stage: Stage;
  readonly node: string;
  controller(args?: { mode?: string }): Promise<ControllerProgram>;
  agent(...controllers: readonly ControllerProgram[]): Promise<Program>;
  /** The limit that a pod's node enforces, in thousandths of a core. */
  limitOf(name: string): Promise<number>;
  /** Phase and reason of a pod's allocation. */
  outcomeOf(name: string): Promise<string>;
}

/** Registers the hooks that open the stage and clear it after each test. */
export function marketBed(name: string, node: string): MarketBed {
  let stage: Stage;
  let running: Program[] = [];
  beforeAll(async () => {
    if (!inject("local")) return;
    stage = await openStage(name);
  });
  afterAll(() => stage?.close());
  beforeEach(() => {
    running = [];
  });
  afterEach(async () => {
    for (const program of running) await program.kill("SIGKILL");
    await stage.cluster.kubectl("-n", stage.namespace, "delete", "pods", "--all", "--force", "--grace-period=0");
    await stage.cluster.kubectl("-n", "walras-system", "delete", "lease", "walras-controller", "--ignore-not-found");
  });
  const started = <T extends Program>(program: T): T => {
    running.push(program);
    return program;
  };
  return {
    get stage() {
      return stage;
    },
    node,
    controller: async (args = {}) => started(await stage.programs.startController(args)),
    agent: async (...controllers) => started(await stage.programs.startAgent(node, controllers)),
    limitOf: async (pod) => enforced(await stage.cluster.pod(stage.namespace, pod)).limit,
    outcomeOf: async (pod) => {
      const status = (await stage.cluster.allocation(stage.namespace, pod))?.status;
      return `${status?.phase ?? ""} ${status?.reason ?? ""}`;
    },
  };
}

/** What a pod's status says its node enforces, in thousandths of a core. */
export function enforced(pod: PodView): { request: number; limit: number } {
  const { requests, limits } = pod.status?.containerStatuses?.[0]?.resources ?? {};
  return { request: parseCpu(requests?.cpu ?? "0", "request"), limit: parseCpu(limits?.cpu ?? "0", "limit") };
}
