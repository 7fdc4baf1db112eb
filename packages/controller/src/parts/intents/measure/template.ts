/** The workload that a query is about; its names are as Kubernetes has them, which PromQL takes as they are. */
interface Place {
  readonly kind: string;
  /** `namespace/name`. */
  readonly name: string;
}

/**
 * A query of the prototype's configuration for one workload: its `%s` are
 * namespace, kind, name and kind again, the kind in lower case; `%%` is `%`.
 */
export function filled(query: string, { kind, name: key }: Place): string {
  const [namespace = "", name = ""] = key.split("/");
  const values = [namespace, kind.toLowerCase(), name, kind.toLowerCase()];
  let next = 0;
  return query.replaceAll(/%[s%]/g, (place) => {
    if (place === "%%") return "%";
    next += 1;
    return values[next - 1] ?? place;
  });
}
