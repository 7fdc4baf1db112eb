import { createPrivateKey, X509Certificate } from "node:crypto";

import type { ServerIdentity } from "@walras/kit/certificates";

/** The certificates that all replicas have together. */
export interface Held {
  /** What is served. */
  readonly current: Dated;
  /** What will be: its authority is trusted before it is served. */
  readonly next: Dated | null;
  /** The authority of what was served before: another replica may still serve it. */
  readonly previousAuthority: string | null;
}

/** An identity and when it ends, in milliseconds since the Unix epoch. */
export interface Dated {
  readonly identity: ServerIdentity;
  readonly untilMs: number;
}

/** The data of a Secret, decoded. */
export type SecretTexts = Readonly<Record<string, string>>;

const files = {
  current: { certificate: "tls.crt", key: "tls.key", authority: "ca.crt" },
  next: { certificate: "next.crt", key: "next.key", authority: "next-ca.crt" },
  previousAuthority: "previous-ca.crt",
} as const;

/** What a Secret holds that can be served under these names; null: nothing. What is no good counts as not there. */
export function heldIn(texts: SecretTexts, hosts: readonly string[]): Held | null {
  const current = datedIn(texts, files.current, hosts);
  if (!current) return null;
  const previous = texts[files.previousAuthority] ?? "";
  return {
    current,
    next: datedIn(texts, files.next, hosts),
    previousAuthority: certificateIn(previous) ? previous : null,
  };
}

/** As {@link heldIn} reads it; what is not there any more is empty. */
export function textsOf({ current, next, previousAuthority }: Held): SecretTexts {
  return {
    ...filesOf(current.identity, files.current),
    ...filesOf(next?.identity ?? { certificate: "", key: "", authority: "" }, files.next),
    [files.previousAuthority]: previousAuthority ?? "",
  };
}

/** Every authority that is to be trusted now, what is served first. */
export function bundleOf({ current, next, previousAuthority }: Held, nowMs: number): string {
  const previous = previousAuthority === null ? undefined : certificateIn(previousAuthority);
  const stillServed = previous && previous.validToDate.getTime() > nowMs ? previousAuthority : null;
  const all = [current.identity.authority, next?.identity.authority ?? null, stillServed];
  return all.flatMap((pem) => (pem === null ? [] : [`${pem.trim()}\n`])).join("");
}

/** @throws Error where one of its texts is no certificate or key, or they do not belong together under these names */
export function dated(identity: ServerIdentity, hosts: readonly string[]): Dated {
  const certificate = new X509Certificate(identity.certificate);
  const authority = new X509Certificate(identity.authority);
  if (!certificate.checkPrivateKey(createPrivateKey(identity.key)))
    throw new Error("the key is of another certificate");
  if (!certificate.verify(authority.publicKey)) throw new Error("the certificate is of another authority");
  const missing = hosts.find((host) => certificate.checkHost(host) === undefined);
  if (missing !== undefined) throw new Error(`the certificate is not for ${missing}`);
  return { identity, untilMs: certificate.validToDate.getTime() };
}

type Files = { readonly [Field in keyof ServerIdentity]: string };

function datedIn(texts: SecretTexts, { certificate, key, authority }: Files, hosts: readonly string[]): Dated | null {
  const text = (file: string): string => texts[file] ?? "";
  try {
    return dated({ certificate: text(certificate), key: text(key), authority: text(authority) }, hosts);
  } catch {
    return null;
  }
}

/** undefined: it is none. */
export function certificateIn(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function filesOf(identity: ServerIdentity, { certificate, key, authority }: Files): SecretTexts {
  return { [certificate]: identity.certificate, [key]: identity.key, [authority]: identity.authority };
}
