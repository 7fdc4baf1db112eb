import type { DeviceClass, DeviceConfig, Grant, Granted } from "../../decide/claims/claim.ts";

/** What status.allocation says, as kube-scheduler writes it: devices, parameters for their drivers, and the node that has them. */
export function allocationOf(
  { claim }: Grant,
  granted: readonly Granted[],
  { node, classOf }: { readonly node: string; readonly classOf: (name: string) => DeviceClass | undefined },
): object {
  const results = granted.map(({ request, device: { driver, pool, name } }) => ({
    request: request.name,
    driver,
    pool,
    device: name,
    ...(request.rawTolerations.length > 0 ? { tolerations: request.rawTolerations } : {}),
  }));
  const requests = new Map(granted.map(({ request }) => [request.name, request]));
  const ofClasses = [...requests.values()].flatMap(({ name, className }) =>
    (classOf(className)?.configs ?? []).map(({ opaque }) => ({ source: "FromClass", requests: [name], opaque })),
  );
  const config = [...ofClasses, ...claim.configs.filter((one) => isMeant(one, requests)).map(ofClaim)];
  return {
    devices: { results, ...(config.length > 0 ? { config } : {}) },
    nodeSelector: {
      nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: [node] }] }],
    },
  };
}

/** Of alternatives only those that were taken have parameters. */
function isMeant({ requests = [] }: DeviceConfig, taken: ReadonlyMap<string, unknown>): boolean {
  const parents = new Set([...taken.keys()].map((name) => name.split("/", 1)[0]));
  return requests.length === 0 || requests.some((name) => taken.has(name) || parents.has(name));
}

function ofClaim({ requests, opaque }: DeviceConfig): object {
  return { source: "FromClaim", ...(requests ? { requests } : {}), opaque };
}
