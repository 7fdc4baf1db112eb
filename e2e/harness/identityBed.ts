import { afterAll, afterEach, beforeAll, inject } from "vitest";

import type { Program } from "./programs.ts";
import { openStage, type Stage } from "./stage.ts";

/** The node whose agents there are. */
export const node = "node1";

/** A suite's stage. Its programs end after each test, so that the next begins without a leader. */
export class IdentityBed {
  stage!: Stage;
  readonly #running: Program[] = [];

  /** It ends with the test. */
  started<T extends Program>(program: T): T {
    this.#running.push(program);
    return program;
  }

  async open(name: string): Promise<void> {
    this.stage = await openStage(name);
  }

  async clear(): Promise<void> {
    for (const program of this.#running.splice(0)) await program.kill("SIGKILL");
    const lease = ["lease", "walras-controller", "--ignore-not-found"];
    await this.stage.cluster.kubectl("-n", "walras-system", "delete", ...lease);
  }
}

/** For the suite that calls it. */
export function identityBed(name: string): IdentityBed {
  const bed = new IdentityBed();
  if (!inject("local")) return bed;
  beforeAll(() => bed.open(name));
  afterEach(() => bed.clear());
  afterAll(() => bed.stage?.close());
  return bed;
}
