import { parseWith } from "@walras/kit";
import {
  createObject,
  getObject,
  KubeError,
  type KubeTransport,
  mergePatch,
  type ObjectName,
  type Resource,
} from "@walras/kube";
import { z } from "zod";

import type { Writes } from "../../../../base/access/gate.ts";
import { writePriority } from "../../../../base/access/priorities.ts";
import type { SecretTexts } from "./held.ts";
import type { SecretPort, StoredTrust, TrustPort } from "./ports.ts";

export const configurationResource = {
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "MutatingWebhookConfiguration",
  plural: "mutatingwebhookconfigurations",
  namespaced: false,
} as const satisfies Resource;

const secretResource: Resource = { apiVersion: "v1", kind: "Secret", plural: "secrets", namespaced: true };

/** The way to the API server. Writes are compare-and-swap, so that replicas need no leader for them. */
export interface Way {
  readonly transport: KubeTransport;
  readonly writes: Pick<Writes, "perform">;
}

const secretSchema = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  data: z.record(z.string(), z.string()).nullish(),
});

export function secretPort({ transport, writes }: Way, name: ObjectName): SecretPort {
  const target = { resource: secretResource, name };
  return {
    read: async () => {
      const raw = await readOrNull(transport, secretResource, name);
      if (raw === null) return null;
      const { metadata, data } = parseWith(secretSchema, raw, `secret ${name.namespace}/${name.name}`);
      return { resourceVersion: metadata.resourceVersion, texts: mapped(data ?? {}, (text) => decoded(text)) };
    },
    write: (texts, before) => {
      const data = mapped(texts, (text) => encoded(text));
      const metadata = { name: name.name, resourceVersion: before?.resourceVersion };
      return swapped(writes, `secret ${name.namespace}/${name.name}`, () =>
        before
          ? mergePatch(transport, target, { metadata, data })
          : createObject(transport, secretResource, name.namespace, { metadata: { name: name.name }, data }),
      );
    },
  };
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
export function trustPort({ transport, writes }: Way, name: string, service: ObjectName): TrustPort {
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
      return { uid: metadata.uid, bundles, unguarded: ours.some(isUnguarded), raw: raw as StoredTrust["raw"] };
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

/** A conflict is an answer here: whoever lost reads what the other has written. */
function swapped(writes: Way["writes"], key: string, write: () => Promise<unknown>): Promise<boolean> {
  return writes.perform({
    key,
    priority: writePriority.certificate,
    write: async () => {
      try {
        await write();
        return true;
      } catch (error) {
        if (error instanceof KubeError && (error.status === 409 || error.status === 404)) return false;
        throw error;
      }
    },
  });
}

async function readOrNull(transport: KubeTransport, resource: Resource, name: ObjectName): Promise<unknown> {
  try {
    return await getObject(transport, resource, name);
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return null;
    throw error;
  }
}

function mapped(texts: SecretTexts, change: (text: string) => string): SecretTexts {
  return Object.fromEntries(Object.entries(texts).map(([file, text]) => [file, change(text)]));
}

function encoded(text: string): string {
  return Buffer.from(text).toString("base64");
}

function decoded(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}
