// The certificate library registers its parts by decorators.
import "reflect-metadata";

import { webcrypto } from "node:crypto";

import { errorAt, systemClock } from "@walras/kit";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { Command } from "commander";
import { stringify } from "yaml";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const dayMs = 86_400_000;

/** walras certs: the Secret that the agents' port is served with. */
export function certsCommand(): Command {
  return new Command("certs")
    .description("print a Secret with a new authority, and a certificate for the controller signed by it")
    .option("--namespace <name>", "of the controller", "walras-system")
    .option("--days <n>", "how long it is valid", "365")
    .option("--host <names...>", "more DNS names or addresses of the controller", [])
    .action(async (options: { namespace: string; days: string; host: string[] }) => {
      const { namespace } = options;
      const service = `walras-controller.${namespace}.svc`;
      const pem = await issue(
        [service, `${service}.cluster.local`, "localhost", ...options.host],
        readDays(options.days),
      );
      process.stdout.write(
        stringify({
          apiVersion: "v1",
          kind: "Secret",
          metadata: { name: "walras-controller-tls", namespace },
          type: "kubernetes.io/tls",
          stringData: { "ca.crt": pem.authority, "tls.crt": pem.certificate, "tls.key": pem.key },
        }),
      );
    });
}

const mostDays = 3650;

/** @throws FieldError naming the option and its value */
function readDays(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days > 0 && days <= mostDays) return days;
  throw errorAt("--days", text, `is not a whole number from 1 to ${mostDays}`);
}

/** PEM texts of an authority's certificate, and of a server's certificate and key. */
export interface ServerIdentity {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** A server certificate for these names, from an authority whose key is thrown away. */
export async function issue(hosts: readonly string[], days: number): Promise<ServerIdentity> {
  const authorityKeys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const serverKeys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const nowMs = systemClock.wallMs();
  const validity = { notBefore: new Date(nowMs - dayMs), notAfter: new Date(nowMs + days * dayMs) };
  const authority = await X509CertificateGenerator.createSelfSigned(
    {
      name: "CN=walras-ca",
      ...validity,
      signingAlgorithm: algorithm,
      keys: authorityKeys,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      ],
    },
    webcrypto,
  );
  const certificate = await X509CertificateGenerator.create(
    {
      subject: "CN=walras-controller",
      issuer: authority.subject,
      ...validity,
      signingAlgorithm: algorithm,
      publicKey: serverKeys.publicKey,
      signingKey: authorityKeys.privateKey,
      extensions: [
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(hosts.map((value) => ({ type: isAddress(value) ? "ip" : "dns", value }))),
      ],
    },
    webcrypto,
  );
  return {
    authority: authority.toString("pem"),
    certificate: certificate.toString("pem"),
    key: PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", serverKeys.privateKey), "PRIVATE KEY"),
  };
}

function isAddress(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.includes(":");
}
