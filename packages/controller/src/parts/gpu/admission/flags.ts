import type { Command } from "commander";
import { z } from "zod";

const name = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, "expected the name of an object");
const address = z.string().regex(/^\S+:\d{1,5}$/, "expected HOST:PORT");

/** For the schema of the part. */
export const admissionShape = {
  gpuWebhookAddress: address.optional(),
  gpuWebhookService: name,
  gpuWebhookSecret: name,
  gpuWebhookConfiguration: name,
};

export type AdmissionFlags = z.infer<z.ZodObject<typeof admissionShape>>;

/** The names are those of deploy/gpu/webhook. */
export function addAdmissionFlags(program: Command): Command {
  return program
    .option("--gpu-webhook-address <host:port>", "where the API server asks about new pods; nowhere where not given")
    .option("--gpu-webhook-service <name>", "by which it finds that port, in --namespace", "gpu-scheduler-webhook")
    .option(
      "--gpu-webhook-secret <name>",
      "where the certificates are kept, in --namespace",
      "gpu-scheduler-webhook-tls",
    )
    .option("--gpu-webhook-configuration <name>", "whose caBundle is kept", "gpu-scheduler-webhook");
}
