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

import type { Writes } from "../access/gate.ts";
import { writePriority } from "../access/priorities.ts";
import type { SecretTexts } from "./held.ts";
import type { SecretPort, StoredTrust, TrustPort } from "./ports.ts";

export const secretResource = {
  apiVersion: "v1",
  kind: "Secret",
  plural: "secrets",
  namespaced: true,
} as const satisfies Resource;

export const configMapResource = {
  apiVersion: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  namespaced: true,
} as const satisfies Resource;

/** The way to the API server. Writes are compare-and-swap: who comes second reads what the other has written. */
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

const configMapSchema = z.object({
  metadata: z.object({ uid: z.string(), resourceVersion: z.string() }),
  data: z.record(z.string(), z.string()).nullish(),
});

/** A ConfigMap as it was read. */
export interface StoredAuthorities extends StoredTrust {
  readonly resourceVersion: string;
}

/** The key by which cert-manager and trust-manager call an authority as well. */
const authorityKey = "ca.crt";

/** Authorities in a ConfigMap, for peers that mount it. */
export function configMapPort({ transport, writes }: Way, name: ObjectName): TrustPort<StoredAuthorities> {
  const place = `configmap ${name.namespace}/${name.name}`;
  return {
    read: async () => {
      const raw = await readOrNull(transport, configMapResource, name);
      if (raw === null) return null;
      const { metadata, data } = parseWith(configMapSchema, raw, place);
      return { ...metadata, bundles: [data?.[authorityKey] ?? ""] };
    },
    write: (bundle, { resourceVersion }) => {
      const body = { metadata: { resourceVersion }, data: { [authorityKey]: bundle } };
      return swapped(writes, place, () => mergePatch(transport, { resource: configMapResource, name }, body));
    },
  };
}

/** A conflict is an answer here: whoever lost reads what the other has written. */
export function swapped(writes: Way["writes"], key: string, write: () => Promise<unknown>): Promise<boolean> {
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

export async function readOrNull(transport: KubeTransport, resource: Resource, name: ObjectName): Promise<unknown> {
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

export function encoded(text: string): string {
  return Buffer.from(text).toString("base64");
}

export function decoded(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}
