import type { Verdicts } from "../../../base/told/decision.ts";

/** What is told of the webhook; what becomes of pods is told to who creates them. */
export const admissionVerdicts = {
  WebhookMissing: {
    about: "MutatingWebhookConfiguration",
    event: "Warning",
    meaning: "it is not there or does not lead to the scheduler: pods get no CUDA_VISIBLE_DEVICES",
  },
  WebhookUnguarded: {
    about: "MutatingWebhookConfiguration",
    event: "Warning",
    meaning: "it has no matchConditions: while no replica answers, nobody can create pods",
  },
  WebhookTrusted: {
    about: "MutatingWebhookConfiguration",
    event: "Normal",
    meaning: "its caBundle was set to the authorities of the webhook's certificates",
  },
  WebhookCertificate: {
    about: "Secret",
    event: "Normal",
    meaning: "the webhook's certificate was made, the next one was made, or it is served by now",
  },
} as const satisfies Verdicts;
