import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { KubeEndpoint } from "./endpoint.ts";
import { rereadToken } from "./tokenFile.ts";

/** Where the kubelet puts a pod's credentials. */
const defaultFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * The endpoint for a pod's service account.
 *
 * @returns undefined outside of a pod, and where KUBECONFIG asks for another
 * @throws Error where the cluster's certificate authority cannot be read
 */
export function serviceAccountEndpoint(
  env: NodeJS.ProcessEnv,
  monotonicMs: () => number,
  folder = defaultFolder,
): KubeEndpoint | undefined {
  const host = env["KUBERNETES_SERVICE_HOST"];
  const tokenFile = join(folder, "token");
  if (!host || env["KUBECONFIG"] || !existsSync(tokenFile)) return undefined;
  const address = host.includes(":") ? `[${host}]` : host;
  return {
    server: `https://${address}:${env["KUBERNETES_SERVICE_PORT"] ?? "443"}`,
    caPem: readFileSync(join(folder, "ca.crt"), "utf8"),
    serverName: undefined,
    certPem: undefined,
    keyPem: undefined,
    token: rereadToken(tokenFile, monotonicMs),
  };
}
