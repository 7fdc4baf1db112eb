import { afterAll, beforeAll, describe } from "vitest";

import type { KubeTransport } from "../port.ts";
import { claimContract } from "./claims.ts";
import { coordinationContract } from "./coordination.ts";
import { customResourceContract } from "./customResources.ts";
import { listContract } from "./lists.ts";
import { objectContract } from "./objects.ts";
import { patchContract } from "./patches.ts";
import { resizeContract } from "./resize.ts";
import { Scratch } from "./scratch.ts";
import { subresourceContract } from "./subresources.ts";
import { watchContract } from "./watches.ts";

/** A server under test, running on real time. */
export interface ContractServer {
  /** With an administrator's rights. */
  readonly transport: KubeTransport;
  /** Called when all is done. */
  dispose(): Promise<void> | void;
}

/**
 * What Walras relies on in the Kubernetes API, as tests: run against a real
 * API server they tell whether we understood it, run against the embedded one
 * whether that is like it. Everything happens in a namespace of its own,
 * which is removed at the end.
 */
export function contractSuite(name: string, provide: () => Promise<ContractServer>): void {
  describe(`the Kubernetes API of ${name}`, () => {
    let server: ContractServer;
    let scratch: Scratch;
    const use = (): Scratch => scratch;
    beforeAll(async () => {
      server = await provide();
      scratch = await Scratch.open(server.transport);
    });
    afterAll(async () => {
      await scratch.close();
      await server.dispose();
    });
    objectContract(use);
    listContract(use);
    watchContract(use);
    patchContract(use);
    resizeContract(use);
    subresourceContract(use);
    coordinationContract(use);
    customResourceContract(use);
    claimContract(use);
  });
}
