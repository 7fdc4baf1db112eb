import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { errorAt, parseWith } from "@walras/kit";
import { parse } from "yaml";
import { z } from "zod";

import type { KubeEndpoint } from "./endpoint.ts";
import { rereadToken } from "./tokenFile.ts";

const text = z.string().optional();
const name = z.string();

/** The fields of k8s.io/client-go's clientcmd/api/v1 that say where to go and what to show. */
const schema = z.object({
  "current-context": name,
  contexts: z.array(z.object({ name, context: z.object({ cluster: name, user: name }) })),
  clusters: z.array(
    z.object({
      name,
      cluster: z.object({
        server: name,
        "certificate-authority": text,
        "certificate-authority-data": text,
        "tls-server-name": text,
        "insecure-skip-tls-verify": z.boolean().optional(),
        "proxy-url": text,
      }),
    }),
  ),
  users: z.array(
    z.object({
      name,
      user: z.looseObject({
        "client-certificate": text,
        "client-certificate-data": text,
        "client-key": text,
        "client-key-data": text,
        token: text,
        tokenFile: text,
      }),
    }),
  ),
});

/** What only the library can do: run plugins, sign in with a password, act as somebody else. */
const beyond = ["exec", "auth-provider", "username", "as"];

/**
 * The endpoint of a kubeconfig that names what to show: certificates, a token, or nothing.
 *
 * @returns undefined where more is needed than to read it
 * @throws FieldError naming what is not valid
 */
export function plainEndpoint(file: string, monotonicMs: () => number): KubeEndpoint | undefined {
  const config = parseWith(schema, parse(readFileSync(file, "utf8")), file);
  const current = config["current-context"];
  const context = config.contexts.find((one) => one.name === current)?.context;
  const cluster = config.clusters.find((one) => one.name === context?.cluster)?.cluster;
  const user = config.users.find((one) => one.name === context?.user)?.user;
  if (!cluster || !user) throw errorAt(`${file}.current-context`, current, "names no cluster and user of the file");
  refuseUnverified(cluster["insecure-skip-tls-verify"]);
  if (cluster["proxy-url"] !== undefined || beyond.some((key) => user[key] !== undefined)) return undefined;
  const beside = (path: string | undefined): string | undefined => path && resolve(dirname(file), path);
  const token = user.token;
  const tokenFile = beside(user.tokenFile);
  return {
    server: cluster.server.replace(/\/$/, ""),
    caPem: pem(cluster["certificate-authority-data"], beside(cluster["certificate-authority"])),
    serverName: cluster["tls-server-name"],
    certPem: pem(user["client-certificate-data"], beside(user["client-certificate"])),
    keyPem: pem(user["client-key-data"], beside(user["client-key"])),
    token: tokenFile === undefined ? () => token : rereadToken(tokenFile, monotonicMs),
  };
}

/** What a kubeconfig holds itself, or names a file of. @throws Error where the file cannot be read */
export function pem(base64: string | undefined, file: string | undefined): string | undefined {
  if (base64) return Buffer.from(base64, "base64").toString("utf8");
  return file ? readFileSync(file, "utf8") : undefined;
}

/** @throws FieldError: who does not verify the server gives its token to anybody */
export function refuseUnverified(skips: boolean | undefined): void {
  if (skips)
    throw errorAt("insecure-skip-tls-verify", true, "is refused: give the cluster's certificate-authority instead");
}
