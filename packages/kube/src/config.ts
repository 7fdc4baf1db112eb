import { readFileSync } from "node:fs";

import { KubeConfig } from "@kubernetes/client-node";

/** How to reach an API server, with what to trust and what to show. */
export interface KubeEndpoint {
  /** https://host:port, without a path's last slash */
  readonly server: string;
  readonly caPem: string | undefined;
  /** The name in the server's certificate, where it is not the host's. */
  readonly serverName: string | undefined;
  readonly certPem: string | undefined;
  readonly keyPem: string | undefined;
  /** The bearer token of this moment; undefined where certificates speak. */
  readonly token: () => string | undefined;
}

/** A projected token is replaced long before it ends; reading it this often is enough. */
const tokenReadEveryMs = 30_000;

/**
 * The endpoint of a kubeconfig file, or of the pod's service account, or of
 * the user's default kubeconfig.
 *
 * @throws Error naming the file that could not be read
 */
export function loadEndpoint(kubeconfig: string | undefined, monotonicMs: () => number): KubeEndpoint {
  const config = new KubeConfig();
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (cause) {
    throw new Error(`kubeconfig ${kubeconfig ?? "(default)"} cannot be read`, { cause });
  }
  const cluster = config.getCurrentCluster();
  const user = config.getCurrentUser();
  if (!cluster) throw new Error(`kubeconfig ${kubeconfig ?? "(default)"} names no current cluster`);
  const tokenFile = (user?.authProvider as { config?: { tokenFile?: string } } | undefined)?.config?.tokenFile;
  return {
    server: cluster.server.replace(/\/$/, ""),
    caPem: pem(cluster.caData, cluster.caFile),
    serverName: cluster.tlsServerName,
    certPem: pem(user?.certData, user?.certFile),
    keyPem: pem(user?.keyData, user?.keyFile),
    token: tokenFile === undefined ? () => user?.token : rereadToken(tokenFile, monotonicMs),
  };
}

function pem(base64: string | undefined, file: string | undefined): string | undefined {
  if (base64) return Buffer.from(base64, "base64").toString("utf8");
  return file ? readFileSync(file, "utf8") : undefined;
}

function rereadToken(file: string, monotonicMs: () => number): () => string {
  let token = "";
  let readAtMs = -Infinity;
  return () => {
    if (monotonicMs() - readAtMs >= tokenReadEveryMs) {
      token = readFileSync(file, "utf8").trim();
      readAtMs = monotonicMs();
    }
    return token;
  };
}
