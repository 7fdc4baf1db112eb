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

/** Which authorities peers are told to trust, as it was read. */
export interface StoredTrust {
  readonly uid: string;
  /** One for each place where it stands; empty: nowhere. */
  readonly bundles: readonly string[];
}

/** Where peers are told whom to trust. */
export interface TrustPort<Stored extends StoredTrust> {
  /** null: it is not there. */
  read(): Promise<Stored | null>;
  /** Sets the authorities and nothing else. @returns false: somebody else has written it since */
  write(bundle: string, before: Stored): Promise<boolean>;
}
