import type { Complain, Finding } from "./finding.ts";
import type { Labels, Source } from "./model.ts";
import type { Parameters } from "./template.ts";

/** A cluster that Argo CD knows by a Secret. */
export interface ArgoCluster {
  readonly name: string;
  readonly server: string;
  readonly labels: Labels;
}

interface Secret {
  readonly metadata: { readonly labels?: Labels };
  readonly data?: Labels;
  readonly stringData?: Labels;
}

const typeLabel = "argocd.argoproj.io/secret-type";

/** The cluster of a Secret, or what keeps it from being one. */
export function clusterOf({ object, complain }: Source): ArgoCluster | readonly Finding[] {
  const { metadata, data = {}, stringData = {} } = object as unknown as Secret;
  const { labels = {} } = metadata;
  const read = (key: string): string | undefined => stringData[key] ?? decoded(data[key]);
  const [name = "", server = ""] = [read("name"), read("server")];
  const findings = [
    ...(labels[typeLabel] === "cluster" ? [] : [wrongType(labels[typeLabel], complain)]),
    ...(name === "" ? [complain("stringData.name", name, "is no name")] : []),
    ...(/^https:\/\/\S+$/.test(server) ? [] : [complain("stringData.server", server, "is no https address")]),
  ];
  return findings.length > 0 ? findings : { name, server, labels };
}

function wrongType(value: string | undefined, complain: Complain): Finding {
  return complain(`metadata.labels["${typeLabel}"]`, value, `is not "cluster": Argo CD takes this Secret for none`);
}

function decoded(value: string | undefined): string | undefined {
  return value === undefined ? undefined : Buffer.from(value, "base64").toString("utf8");
}

export interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** Whether a generator's selector takes a cluster with these labels. */
export function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === "Exists") return value !== undefined;
      if (operator === "DoesNotExist") return value === undefined;
      return (value !== undefined && values.includes(value)) === (operator === "In");
    })
  );
}

/** What the cluster generator gives to a template. */
export function parametersOf({ name, server }: ArgoCluster): Parameters {
  const normalized = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]/g, "-")
    .slice(0, 253)
    .replaceAll(/^[-.]+|[-.]+$/g, "");
  return { name, nameNormalized: normalized, server };
}
