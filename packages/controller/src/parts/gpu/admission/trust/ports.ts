import type { SecretTexts } from "./held.ts";

/** A Secret as it was read. */
export interface StoredSecret {
  readonly texts: SecretTexts;
  readonly resourceVersion: string;
}

/** Where replicas keep their certificates together. */
export interface SecretPort {
  /** null: it is not there. */
  read(): Promise<StoredSecret | null>;
  /** @param before as it was read; null: it was not there @returns false: somebody else has written it since */
  write(texts: SecretTexts, before: StoredSecret | null): Promise<boolean>;
}

/** Which authorities the API servers are told to trust, as it was read. */
export interface StoredTrust {
  readonly uid: string;
  /** Of each webhook that leads to our Service; empty: none does. */
  readonly bundles: readonly string[];
  /** One of them is asked about pods of every scheduler, and they wait where it does not answer. */
  readonly unguarded: boolean;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** The configuration by which API servers find the webhook. */
export interface TrustPort {
  /** null: it is not there. */
  read(): Promise<StoredTrust | null>;
  /** Sets the authorities and nothing else. @returns false: somebody else has written it since */
  write(bundle: string, before: StoredTrust): Promise<boolean>;
}
