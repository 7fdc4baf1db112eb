// The certificate library registers its parts by decorators.
import "reflect-metadata";

import { webcrypto } from "node:crypto";

import { systemClock } from "@walras/kit";
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

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const dayMs = 86_400_000;

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
