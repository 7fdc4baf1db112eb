import { existsSync } from "node:fs";
import type { RequestOptions } from "node:https";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

import type { KubeConfig } from "@kubernetes/client-node";
import { describeError } from "@walras/kit";

import type { KubeEndpoint } from "./endpoint.ts";
import { pem, plainEndpoint, refuseUnverified } from "./plainKubeconfig.ts";
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

async function kubeconfigEndpoint(kubeconfig: string | undefined, monotonicMs: () => number): Promise<KubeEndpoint> {
  try {
    const file = kubeconfig ?? defaultFile(process.env);
    const plain = file === undefined ? undefined : plainEndpoint(file, monotonicMs);
    return plain ?? (await libraryEndpoint(kubeconfig, monotonicMs));
  } catch (cause) {
    throw new Error(`kubeconfig ${kubeconfig ?? "(default)"} cannot be read: ${describeError(cause)}`, { cause });
  }
}

/** undefined: there is none, or KUBECONFIG names several, which are to be merged. */
function defaultFile({ KUBECONFIG: named }: NodeJS.ProcessEnv): string | undefined {
  if (named) return named.includes(delimiter) ? undefined : named;
  const file = join(homedir(), ".kube", "config");
  return existsSync(file) ? file : undefined;
}

/** The library that knows every kind of kubeconfig takes 80 MiB of memory: it is loaded where nothing less will do. */
async function libraryEndpoint(kubeconfig: string | undefined, monotonicMs: () => number): Promise<KubeEndpoint> {
  const { KubeConfig: Config } = await import("@kubernetes/client-node");
  const config = new Config();
  if (kubeconfig === undefined) config.loadFromDefault();
  else config.loadFromFile(kubeconfig);
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error("it names no current cluster");
  refuseUnverified(cluster.skipTLSVerify);
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
