import type { Clock } from "@walras/kit";
import type { KubeTransport } from "@walras/kube";

import type { BaseConfig } from "../../config/flags.ts";
import type { Surroundings } from "../../config/surroundings.ts";
import { type Authenticator, certificateAuthenticator, trustingAuthenticator } from "./authenticator.ts";
import { type IdentityNeeds, type PortIdentity, portIdentity } from "./identity.ts";
import { TokenReviewAuthenticator } from "./tokenReview.ts";

/** How the agents' port is served, and how agents prove who they are. */
export interface AgentSecurity extends PortIdentity {
  readonly authenticator: Authenticator;
}

/** @throws FieldError naming a file that cannot be used */
export function agentSecurity(config: BaseConfig, around: Surroundings, needs: IdentityNeeds): AgentSecurity {
  const authenticator = authenticatorOf(config, needs.access.transport, around.clock);
  return { ...portIdentity(config, around, needs), authenticator };
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
