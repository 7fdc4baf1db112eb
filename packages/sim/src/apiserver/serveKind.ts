import type { KubeTransport } from "@walras/kube";

/** A kind that somebody else's installation brings. */
export interface ForeignKind {
  readonly group: string;
  readonly kind: string;
  readonly version?: string;
  readonly scope?: "Namespaced" | "Cluster";
}

/** Serves a kind that the embedded server does not have of its own; its objects may have any fields. */
export async function serveKind(
  transport: Pick<KubeTransport, "send">,
  { group, kind, version = "v1", scope = "Namespaced" }: ForeignKind,
): Promise<void> {
  const singular = kind.toLowerCase();
  const plural = `${singular}s`.replace(/ys$/, "ies");
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  const versions = [{ name: version, served: true, storage: true, schema }];
  await transport.send({
    method: "POST",
    path: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    body: {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `${plural}.${group}` },
      spec: { group, scope, names: { kind, plural, singular }, versions },
    },
  });
}
