import { readFileSync } from "node:fs";
import type { RequestOptions } from "node:https";

import type { Cluster, KubeConfig } from "@kubernetes/client-node";
import { errorAt } from "@walras/kit";

import type { KubeEndpoint } from "./endpoint.ts";
import { serviceAccountEndpoint } from "./serviceAccount.ts";
import { rereadToken } from "./tokenFile.ts";

/**
 * The endpoint of a kubeconfig file, or of the pod's service account, or of
 * the user's default kubeconfig.
 *
 * @throws Error naming the file that could not be read
 */
export async function loadEndpoint(kubeconfig: string | undefined, monotonicMs: () => number): Promise<KubeEndpoint> {
  const inPod = kubeconfig === undefined ? serviceAccountEndpoint(process.env, monotonicMs) : undefined;
  return inPod ?? (await kubeconfigEndpoint(kubeconfig, monotonicMs));
}

/** The library that knows every kind of kubeconfig takes 80 MiB of memory; in a pod there is none to read. */
async function kubeconfigEndpoint(kubeconfig: string | undefined, monotonicMs: () => number): Promise<KubeEndpoint> {
  const { KubeConfig: Config } = await import("@kubernetes/client-node");
  const config = new Config();
  try {
    if (kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(kubeconfig);
  } catch (cause) {
    throw new Error(`kubeconfig ${kubeconfig ?? "(default)"} cannot be read`, { cause });
  }
  const cluster = verifiedCluster(config, kubeconfig);
  const user = config.getCurrentUser();
  return {
    server: cluster.server.replace(/\/$/, ""),
    caPem: pem(cluster.caData, cluster.caFile),
    serverName: cluster.tlsServerName,
    certPem: pem(user?.certData, user?.certFile),
    keyPem: pem(user?.keyData, user?.keyFile),
    token: tokenSource(config, monotonicMs),
  };
}

function verifiedCluster(config: KubeConfig, kubeconfig: string | undefined): Cluster {
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error(`kubeconfig ${kubeconfig ?? "(default)"} names no current cluster`);
  if (!cluster.skipTLSVerify) return cluster;
  throw errorAt("insecure-skip-tls-verify", true, "is refused: give the cluster's certificate-authority instead");
}

/** From a file that is replaced now and then, from a plugin that is run, or as written in the file. */
function tokenSource(config: KubeConfig, monotonicMs: () => number): KubeEndpoint["token"] {
  const user = config.getCurrentUser();
  const provider = user?.authProvider as { config?: { tokenFile?: string } } | undefined;
  const tokenFile = provider?.config?.tokenFile;
  if (tokenFile !== undefined) return rereadToken(tokenFile, monotonicMs);
  if (user?.exec !== undefined || provider !== undefined) return () => tokenFromPlugin(config);
  return () => user?.token;
}

/** The library runs the plugin, and again only when what it gave has run out. */
async function tokenFromPlugin(config: KubeConfig): Promise<string | undefined> {
  const options: RequestOptions = { headers: {} };
  await config.applyToHTTPSOptions(options);
  const header = (options.headers as Readonly<Record<string, unknown>> | undefined)?.["Authorization"];
  return typeof header === "string" ? header.replace(/^Bearer /, "") : undefined;
}

function pem(base64: string | undefined, file: string | undefined): string | undefined {
  if (base64) return Buffer.from(base64, "base64").toString("utf8");
  return file ? readFileSync(file, "utf8") : undefined;
}
