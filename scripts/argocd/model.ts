import type { Complain } from "./finding.ts";

export type Labels = Readonly<Record<string, string>>;
export type Map = Readonly<Record<string, unknown>>;

/** An object of a file. */
export interface Source {
  readonly object: Map & { readonly kind: string };
  readonly complain: Complain;
}

/** An Application, as far as it is checked. */
export interface Application {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly project: string;
    readonly source: {
      readonly repoURL: string;
      readonly path: string;
      readonly helm?: { readonly releaseName?: string; readonly valuesObject?: Map };
    };
    readonly destination: { readonly server: string; readonly namespace: string };
    readonly syncPolicy?: { readonly syncOptions?: readonly string[] };
  };
}

interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

export interface Project {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly sourceRepos?: readonly string[];
    readonly destinations?: readonly { readonly namespace?: string; readonly server?: string }[];
    readonly clusterResourceWhitelist?: readonly GroupKind[];
    readonly namespaceResourceWhitelist?: readonly GroupKind[];
  };
}
