import { silentLogger, VirtualClock } from "@walras/kit";
import { issueIdentity, type ServerIdentity } from "@walras/kit/certificates";

import { admissionLimits, type AdmissionLimits } from "../server/limits.ts";
import { AdmissionServer, type AdmissionServerOptions } from "../server/server.ts";
import { type Asking, host } from "./client.ts";

/** The webhook's port under a virtual clock, with a certificate that is valid for long. */
export interface TestPort {
  readonly server: AdmissionServer;
  readonly clock: VirtualClock;
  readonly identity: ServerIdentity;
  /** HTTP statuses of what was turned away. */
  readonly turned: readonly number[];
  readonly asking: Asking;
}

let authorities = 0;

export function anIdentity(): Promise<ServerIdentity> {
  authorities += 1;
  return issueIdentity({
    hosts: [host],
    authority: `authority ${authorities}`,
    server: host.slice(0, 64),
    fromMs: Date.UTC(2020, 0, 1),
    untilMs: Date.UTC(2120, 0, 1),
  });
}

export async function aPort(
  answer: AdmissionServerOptions["answer"],
  limits: Partial<AdmissionLimits> = {},
): Promise<TestPort> {
  const clock = new VirtualClock();
  const turned: number[] = [];
  const server = new AdmissionServer({
    address: "127.0.0.1:0",
    answer,
    clock,
    logger: silentLogger,
    observer: { turned: (status) => turned.push(status) },
    limits: { ...admissionLimits, ...limits },
  });
  await server.start();
  const identity = await anIdentity();
  server.serveWith(identity);
  return { server, clock, identity, turned, asking: { port: server.port, ca: identity.authority } };
}
