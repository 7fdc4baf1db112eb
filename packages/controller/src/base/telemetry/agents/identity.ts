import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";

import { ServerCredentials } from "@grpc/grpc-js";
import { describeError, type Runnable } from "@walras/kit";

import { gatedWrites, gateOf } from "../../access/gate.ts";
import type { Access } from "../../access/access.ts";
import type { BaseConfig } from "../../config/flags.ts";
import type { Surroundings } from "../../config/surroundings.ts";
import { FileCredentials } from "../../config/tlsFiles.ts";
import type { BaseMetrics } from "../../ops/metrics.ts";
import type { MakeRepeating } from "../../ops/repeating.ts";
import type { MakeTeller } from "../../told/teller.ts";
import { IssuedCredentials } from "../../trust/issuedCredentials.ts";
import { CertificateKeeper } from "../../trust/keeper.ts";
import { configMapPort, secretPort } from "../../trust/kube.ts";
import { AuthorityPublisher } from "../../trust/publisher.ts";
import { AgentIdentityTeller } from "./identityTeller.ts";

/** The certificate of the agents' port, and what keeps it. */
export interface PortIdentity {
  readonly credentials: ServerCredentials;
  readonly runnables: readonly Runnable[];
  /** Why agents cannot connect; empty: they can. */
  readonly notReady: () => readonly string[];
}

export interface IdentityNeeds {
  readonly teller: MakeTeller;
  readonly repeating: MakeRepeating;
  readonly access: Pick<Access, "transport" | "writes" | "leadership">;
  readonly metrics: Pick<BaseMetrics, "certificateUntil">;
}

/** From files, made by the controllers themselves, or none at all, as the flags say. */
export function portIdentity(config: BaseConfig, around: Surroundings, needs: IdentityNeeds): PortIdentity {
  if (config.tlsIssue === "self") return issuedIdentity(config, around, needs);
  const { tlsCert: certFile, tlsKey: keyFile, tlsCa, tlsClientCa, agentAuth } = config;
  if (certFile === undefined || keyFile === undefined)
    return { credentials: ServerCredentials.createInsecure(), runnables: [], notReady: () => [] };
  const clientCaFile = agentAuth === "certificate" ? tlsClientCa : undefined;
  const taken = (pem: Buffer): void => untilIn(new X509Certificate(pem).validToDate.getTime(), needs);
  const credentials = new FileCredentials({ certFile, keyFile, clientCaFile }, around.clock, around.logger, taken);
  const watching = { start: () => credentials.watch(), stop: () => credentials.unwatch() };
  const publishing = tlsCa === undefined ? [] : [publishedAuthority(tlsCa, config, { ...around, ...needs })];
  return { credentials, runnables: [{ name: "agents' certificate", ...watching }, ...publishing], notReady: () => [] };
}

function untilIn(untilMs: number, { metrics }: IdentityNeeds): void {
  metrics.certificateUntil.set(untilMs / 1000);
}

/** Looked at so often once there is a certificate: what another replica has written is served as soon. */
const keepEveryMs = 30_000;
/** And before, for nobody can connect. */
const beginEveryMs = 1_000;

/** What both ways need: the leader alone writes, and tells it on the objects. */
function keeping({ namespace, tlsSecret, tlsAuthority }: BaseConfig, { access, teller }: IdentityNeeds) {
  const gate = gateOf(access.leadership, () => []);
  const way = { transport: access.transport, writes: gatedWrites(access.writes, gate) };
  const secret = { namespace, name: tlsSecret };
  const trust = { namespace, name: tlsAuthority };
  return {
    secret: secretPort(way, secret),
    trust: configMapPort(way, trust),
    mayWrite: gate.mayAct,
    teller: new AgentIdentityTeller({ secret, trust }, teller),
  };
}

/** Agents are told by whom the certificate is that somebody else makes. */
function publishedAuthority(
  file: string,
  config: BaseConfig,
  needs: IdentityNeeds & Pick<Surroundings, "clock">,
): Runnable {
  const { secret: _, ...ports } = keeping(config, needs);
  const publisher = new AuthorityPublisher({ ...ports, authority: () => readFile(file, "utf8"), clock: needs.clock });
  return needs.repeating("agents' authority", keepEveryMs, () => told(() => publisher.publish(), ports.teller));
}

/** The leader makes and renews it; the others serve what it has written. */
function issuedIdentity(config: BaseConfig, { clock }: Surroundings, needs: IdentityNeeds): PortIdentity {
  const { namespace, tlsAuthority, tlsHosts } = config;
  const ports = keeping(config, needs);
  const credentials = new IssuedCredentials();
  const keeper = new CertificateKeeper({
    ...ports,
    names: { certificate: "the agents' certificate", trust: `configmap ${tlsAuthority}`, authority: "walras" },
    hosts: tlsHosts ?? serviceHosts(namespace),
    // What makes certificates is large, and asked for once in two months.
    issue: async (wanted) => (await import("@walras/kit/certificates")).issueIdentity(wanted),
    serve: (identity, untilMs) => {
      credentials.take(identity);
      untilIn(untilMs, needs);
    },
    clock,
  });
  const everyMs = (): number => (keeper.notReady().length > 0 ? beginEveryMs : keepEveryMs);
  const looking = needs.repeating("agents' certificate", everyMs, () => told(() => keeper.keep(), ports.teller));
  return {
    credentials,
    // Nobody waits for it: an API server that is slow holds up no other part.
    runnables: [{ name: looking.name, start: () => void looking.now(), stop: () => looking.stop() }],
    notReady: () => keeper.notReady(),
  };
}

/** What goes wrong is told on the Secret, and counted as a run that failed. */
async function told(run: () => Promise<void>, teller: AgentIdentityTeller): Promise<void> {
  try {
    await run();
    teller.failed(null);
  } catch (error) {
    teller.failed(describeError(error));
    throw error;
  }
}

/** Of the Service that deploy/kustomize makes. */
function serviceHosts(namespace: string): readonly string[] {
  const service = `walras-controller.${namespace}.svc`;
  return [service, `${service}.cluster.local`];
}
