import { createPrivateKey, sign } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "node:tls";

import { issueIdentity } from "@walras/kit/certificates";
import { stringify } from "yaml";

import type { Cluster } from "./cluster.ts";
import type { ControllerProgram, Program, Programs } from "./programs.ts";

const shipped = join(import.meta.dirname, "..", "..", "deploy", "kustomize", "base", "identity.yaml");
const namespace = "walras-system";
export const controllerHost = `walras-controller.${namespace}.svc`;
const hosts = [controllerHost, `${controllerHost}.cluster.local`];

/** The shipped Secret and ConfigMap, empty. */
export async function installIdentity(cluster: Cluster): Promise<void> {
  await removeIdentity(cluster);
  await cluster.kubectl("-n", namespace, "apply", "-f", shipped);
}

export async function removeIdentity(cluster: Cluster): Promise<void> {
  await cluster.kubectl("-n", namespace, "delete", "-f", shipped, "--ignore-not-found");
}

/** Fills them with a certificate that ends soon, as if nobody had renewed it for long. */
export async function storeEnding(cluster: Cluster, folder: string, leftMs: number): Promise<void> {
  const nowMs = Date.now();
  const identity = await issueIdentity({
    hosts,
    authority: "walras long ago",
    server: controllerHost,
    fromMs: nowMs - 86_400_000,
    untilMs: nowMs + leftMs,
  });
  const { authority, certificate, key } = identity;
  const secret = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "walras-tls", namespace },
    stringData: { "tls.crt": certificate, "tls.key": key, "ca.crt": authority },
  };
  const metadata = { name: "walras-controller-ca", namespace };
  const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "ca.crt": authority } };
  const file = join(folder, "ending.yaml");
  await writeFile(file, [secret, configMap].map((one) => stringify(one)).join("---\n"));
  await cluster.kubectl("apply", "-f", file);
}

/** The authorities that agents are told to trust, as PEM. */
export function authorities(cluster: Cluster): Promise<string> {
  const at = String.raw`jsonpath={.data.ca\.crt}`;
  return cluster.kubectl("-n", namespace, "get", "configmap", "walras-controller-ca", "-o", at);
}

export function countIn(bundle: string): number {
  return bundle.split("BEGIN CERTIFICATE").length - 1;
}

/** Serial number of the certificate that new connections see; they trust these authorities and no other. */
export function serialOf({ agentPort: port }: Pick<ControllerProgram, "agentPort">, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, ca, servername: controllerHost, ALPNProtocols: ["h2"] }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

interface AgentGiven {
  readonly node: string;
  /** null: it has none. */
  readonly token: string | null;
  readonly caFile: string;
  readonly serverName: string;
  readonly controller: Pick<ControllerProgram, "agentPort">;
}

/** An agent that claims a node, with whatever token. */
export async function agentWith(programs: Programs, name: string, given: AgentGiven): Promise<Program> {
  const { node, token, caFile, serverName, controller } = given;
  const file = join(programs.folder, `token-of-${name}`);
  if (token !== null) await writeFile(file, token);
  return programs.start(name, join("packages", "node-agent", "src", "main.ts"), [
    `--controller=ipv4:127.0.0.1:${controller.agentPort}`,
    `--node-name=${node}`,
    `--ca-file=${caFile}`,
    `--tls-server-name=${serverName}`,
    "--nvidia-smi=none",
    ...(token === null ? [] : [`--token-file=${file}`]),
  ]);
}

/** The same token as the API server would have signed it two hours ago, for one hour. @param keyFile the API server's own key */
export async function expired(token: string, keyFile: string): Promise<string> {
  const [, payload = ""] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as object;
  const nowSeconds = Math.floor(Date.now() / 1000);
  const past = { ...claims, iat: nowSeconds - 7_200, nbf: nowSeconds - 7_200, exp: nowSeconds - 3_600 };
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
  const signed = `${encode({ alg: "RS256", typ: "JWT" })}.${encode(past)}`;
  const key = createPrivateKey(await readFile(keyFile));
  return `${signed}.${sign("sha256", Buffer.from(signed), key).toString("base64url")}`;
}
