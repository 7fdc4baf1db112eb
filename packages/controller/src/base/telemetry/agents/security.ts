import { ServerCredentials } from "@grpc/grpc-js";
import type { Clock } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";

import { type BaseConfig, readPem } from "../../config/flags.ts";
import { type Authenticator, certificateAuthenticator, trustingAuthenticator } from "./authenticator.ts";
import { TokenReviewAuthenticator } from "./tokenReview.ts";

/** How the agents' port is served, and how agents prove who they are. */
export function agentSecurity(
  config: BaseConfig,
  transport: KubeTransport,
  clock: Clock,
): { credentials: ServerCredentials; authenticator: Authenticator; clock: Clock } {
  return { credentials: serverCredentials(config), authenticator: authenticatorOf(config, transport, clock), clock };
}

function serverCredentials({ tlsCert, tlsKey, tlsClientCa, agentAuth }: BaseConfig): ServerCredentials {
  if (tlsCert === undefined || tlsKey === undefined) return ServerCredentials.createInsecure();
  const pair = { cert_chain: readPem("flags.tlsCert", tlsCert), private_key: readPem("flags.tlsKey", tlsKey) };
  const clientCa = tlsClientCa === undefined ? null : readPem("flags.tlsClientCa", tlsClientCa);
  return ServerCredentials.createSsl(clientCa, [pair], agentAuth === "certificate");
}

function authenticatorOf(config: BaseConfig, transport: KubeTransport, clock: Clock): Authenticator {
  const username = `system:serviceaccount:${config.namespace}:${config.agentServiceAccount}`;
  const authenticators: Readonly<Record<BaseConfig["agentAuth"], () => Authenticator>> = {
    none: () => trustingAuthenticator,
    certificate: () => certificateAuthenticator(clock),
    token: () => new TokenReviewAuthenticator(transport, { audience: config.agentAudience, username }, clock),
  };
  return authenticators[config.agentAuth]();
}
