import type { Requirement } from "@walras/kit";

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

export interface Toleration {
  /** "" with Exists: every taint. */
  readonly key: string;
  readonly operator: string;
  readonly value: string;
  /** "": every effect. */
  readonly effect: string;
}

/** All of these hold. */
export interface Term {
  readonly labels: readonly Requirement[];
  readonly fields: readonly Requirement[];
}

/** Where a pod may run. */
export interface Constraints {
  readonly tolerations: readonly Toleration[];
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Any of these; null: no required node affinity. */
  readonly terms: readonly Term[] | null;
  /** What it asks for that this scheduler does not know. */
  readonly unsupported: readonly string[];
}
