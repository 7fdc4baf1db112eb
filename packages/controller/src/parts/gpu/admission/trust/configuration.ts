import { parseWith } from "@walras/kit";
import { mergePatch, type ObjectName, type Resource } from "@walras/kube";
import { z } from "zod";

import { decoded, encoded, readOrNull, swapped, type Way } from "../../../../base/trust/kube.ts";
import type { StoredTrust, TrustPort } from "../../../../base/trust/ports.ts";

export const configurationResource = {
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "MutatingWebhookConfiguration",
  plural: "mutatingwebhookconfigurations",
  namespaced: false,
} as const satisfies Resource;

/** What a configuration says of the webhooks that lead to our Service, as it was read. */
export interface StoredConfiguration extends StoredTrust {
  /** One of them is asked about pods of every scheduler, and they wait where it does not answer. */
  readonly unguarded: boolean;
  readonly raw: Readonly<Record<string, unknown>>;
}

const configurationSchema = z.looseObject({
  metadata: z.looseObject({ uid: z.string(), resourceVersion: z.string() }),
  webhooks: z
    .array(
      z.looseObject({
        matchConditions: z.array(z.unknown()).nullish(),
        failurePolicy: z.string().nullish(),
        clientConfig: z.looseObject({
          caBundle: z.string().optional(),
          service: z.looseObject({ namespace: z.string(), name: z.string() }).optional(),
        }),
      }),
    )
    .default([]),
});

type Webhook = z.infer<typeof configurationSchema>["webhooks"][number];

/** @param service whose webhooks are ours; those of others in the same configuration are left alone */
export function trustPort(
  { transport, writes }: Way,
  name: string,
  service: ObjectName,
): TrustPort<StoredConfiguration> {
  const object = { namespace: "", name };
  const read = (raw: unknown): z.infer<typeof configurationSchema> =>
    parseWith(configurationSchema, raw, `${configurationResource.plural} ${name}`);
  const isOurs = ({ clientConfig }: Webhook): boolean =>
    clientConfig.service?.namespace === service.namespace && clientConfig.service.name === service.name;
  return {
    read: async () => {
      const raw = await readOrNull(transport, configurationResource, object);
      if (raw === null) return null;
      const { metadata, webhooks } = read(raw);
      const ours = webhooks.filter(isOurs);
      const bundles = ours.map(({ clientConfig }) => decoded(clientConfig.caBundle ?? ""));
      return { uid: metadata.uid, bundles, unguarded: ours.some(isUnguarded), raw: raw as StoredConfiguration["raw"] };
    },
    write: (bundle, { raw }) => {
      const { metadata, webhooks } = read(raw);
      // A list is replaced as a whole; the version holds that it is the one that was read.
      const body = {
        metadata: { resourceVersion: metadata.resourceVersion },
        webhooks: webhooks.map((webhook) => (isOurs(webhook) ? trusting(webhook, bundle) : webhook)),
      };
      const target = { resource: configurationResource, name: object };
      return swapped(writes, `${configurationResource.plural} ${name}`, () => mergePatch(transport, target, body));
    },
  };
}

/** API servers before 1.28 drop the conditions without a word. */
function isUnguarded({ matchConditions, failurePolicy }: Webhook): boolean {
  return (matchConditions ?? []).length === 0 && failurePolicy !== "Ignore";
}

function trusting(webhook: Webhook, bundle: string): Webhook {
  return { ...webhook, clientConfig: { ...webhook.clientConfig, caBundle: encoded(bundle) } };
}
