import type { Verdicts } from "../../told/decision.ts";

/** What is told of the certificate by which agents know the controller. */
export const identityVerdicts = {
  AgentCertificate: {
    about: "Secret",
    event: "Normal",
    meaning: "the certificate of the agents' port was made, the next one was made, or it is served by now",
  },
  AgentAuthorities: { about: "ConfigMap", event: "Normal", meaning: "agents were told which authorities to trust" },
  AgentCertificateFailed: {
    about: "Secret",
    event: "Warning",
    meaning: "the certificate of the agents' port could not be looked after, and why",
  },
} as const satisfies Verdicts;
