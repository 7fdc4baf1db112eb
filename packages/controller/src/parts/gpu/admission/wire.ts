import type { Runnable } from "@walras/kit";

import type { Base } from "../../../base/base.ts";
import type { Surroundings } from "../../../base/config/surroundings.ts";
import { secretPort } from "../../../base/trust/kube.ts";
import { answers } from "./answers.ts";
import type { AdmissionFlags } from "./flags.ts";
import { admissionMetrics } from "./metrics.ts";
import { AdmissionServer } from "./server/server.ts";
import { trustPort } from "./trust/configuration.ts";
import { webhookKeeper, type WebhookKeeperOptions } from "./trust/keeper.ts";
import { admissionVerdicts } from "./verdicts.ts";

export interface WireAdmissionOptions {
  readonly flags: AdmissionFlags;
  /** Whose pods it is for. */
  readonly schedulerName: string;
  /** Where this process, its Service and its Secret are. */
  readonly namespace: string;
  readonly around: Pick<Surroundings, "clock" | "logger">;
  readonly base: Pick<Base, "transport" | "writes" | "make" | "teller" | "repeating">;
}

/** The webhook, wired. */
export interface WiredAdmission {
  /** In the order they start. */
  readonly runnables: readonly Runnable[];
  /** What is not ready yet; empty when all is. */
  readonly notReady: () => readonly string[];
  /** null: it does not listen. */
  readonly port: () => number | null;
}

/** Certificates and their trust are looked at so often. */
const keepEveryMs = 30_000;

/** The admission webhook; nothing at all where no address is given. Every replica answers, whether it leads or not. */
export function wireAdmission(options: WireAdmissionOptions): WiredAdmission {
  const { gpuWebhookAddress: address } = options.flags;
  if (address === undefined) return { runnables: [], notReady: () => [], port: () => null };
  const { around, base, schedulerName, namespace: ownNamespace } = options;
  const metrics = admissionMetrics(base.make);
  const server = new AdmissionServer({
    ...around,
    address,
    answer: answers({ schedulerName, ownNamespace }, metrics, around.clock),
    observer: { turned: (status) => metrics.turned.inc({ status }) },
  });
  const keeper = wireKeeper(options, (identity, untilMs) => {
    server.serveWith(identity);
    metrics.certificateUntil.set(untilMs / 1000);
  });
  const keeping = atOnce(base.repeating("webhook certificate", keepEveryMs, () => keeper.keep()));
  return { runnables: [server, keeping], notReady: () => keeper.notReady(), port: () => server.port };
}

/** It begins at once, and nobody waits for it: an API server that is slow holds up no other part. */
function atOnce(keeping: ReturnType<Base["repeating"]>): Runnable {
  return { name: keeping.name, start: () => void keeping.now(), stop: () => keeping.stop() };
}

function wireKeeper(
  { flags, namespace, around, base }: WireAdmissionOptions,
  serve: WebhookKeeperOptions["serve"],
): ReturnType<typeof webhookKeeper> {
  const { gpuWebhookService, gpuWebhookSecret, gpuWebhookConfiguration: configuration } = flags;
  const secret = { namespace, name: gpuWebhookSecret };
  const service = { namespace, name: gpuWebhookService };
  return webhookKeeper({
    secret: secretPort(base, secret),
    trust: trustPort(base, configuration, service),
    names: { secret, configuration, service },
    // What makes certificates is large, and asked for once in two months.
    issue: async (wanted) => (await import("@walras/kit/certificates")).issueIdentity(wanted),
    serve,
    teller: base.teller("gpu", "Admission", admissionVerdicts),
    clock: around.clock,
  });
}
