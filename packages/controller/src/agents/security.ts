import { ServerCredentials } from "@grpc/grpc-js";
import type { Clock } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";

import { type ControllerConfig, readPem } from "../config.ts";
import { type Authenticator, certificateAuthenticator, trustingAuthenticator } from "./authenticator.ts";
import { TokenReviewAuthenticator } from "./tokenReview.ts";

/** How the agents' port is served, and how agents prove who they are. */
export function agentSecurity(
  config: ControllerConfig,
  transport: KubeTransport,
  clock: Clock,
): { credentials: ServerCredentials; authenticator: Authenticator } {
  return { credentials: serverCredentials(config), authenticator: authenticatorOf(config, transport, clock) };
}

function serverCredentials({ tlsCert, tlsKey, tlsClientCa, agentAuth }: ControllerConfig): ServerCredentials {
  if (tlsCert === undefined || tlsKey === undefined) return ServerCredentials.createInsecure();
  const pair = { cert_chain: readPem("flags.tlsCert", tlsCert), private_key: readPem("flags.tlsKey", tlsKey) };
  const clientCa = tlsClientCa === undefined ? null : readPem("flags.tlsClientCa", tlsClientCa);
  return ServerCredentials.createSsl(clientCa, [pair], agentAuth === "certificate");
}

function authenticatorOf(config: ControllerConfig, transport: KubeTransport, clock: Clock): Authenticator {
  const username = `system:serviceaccount:${config.namespace}:${config.agentServiceAccount}`;
  const authenticators: Readonly<Record<ControllerConfig["agentAuth"], () => Authenticator>> = {
    none: () => trustingAuthenticator,
    certificate: () => certificateAuthenticator,
    token: () => new TokenReviewAuthenticator(transport, { audience: config.agentAudience, username }, clock),
  };
  return authenticators[config.agentAuth]();
}
