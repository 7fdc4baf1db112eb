import { systemClock } from "@walras/kit";
import { issueIdentity, type ServerIdentity } from "@walras/kit/certificates";

const dayMs = 86_400_000;

/** A certificate of the controller for these names, from an authority of its own. */
export function issue(hosts: readonly string[], days: number): Promise<ServerIdentity> {
  const nowMs = systemClock.wallMs();
  const validity = { fromMs: nowMs - dayMs, untilMs: nowMs + days * dayMs };
  return issueIdentity({ hosts, authority: "walras-ca", server: "walras-controller", ...validity });
}
