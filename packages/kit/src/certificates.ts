// The certificate library registers its parts by decorators.
import "reflect-metadata";

import { webcrypto } from "node:crypto";

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

/** PEM texts of an authority's certificate, and of a server's certificate and key. */
export interface ServerIdentity {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** What a server certificate is to say. */
export interface IdentityRequest {
  /** DNS names and addresses; clients look at nothing else. */
  readonly hosts: readonly string[];
  /** Common names. Two authorities that one client trusts at the same time need different ones. */
  readonly authority: string;
  readonly server: string;
  /** Of both certificates, in milliseconds since the Unix epoch. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A server certificate, from an authority whose key is thrown away: it vouches for this one and for no other, ever. */
export async function issueIdentity(wanted: IdentityRequest): Promise<ServerIdentity> {
  const authorityKeys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const serverKeys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const validity = { notBefore: new Date(wanted.fromMs), notAfter: new Date(wanted.untilMs) };
  const authority = await X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${wanted.authority}`,
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
      subject: `CN=${wanted.server}`,
      issuer: authority.subject,
      ...validity,
      signingAlgorithm: algorithm,
      publicKey: serverKeys.publicKey,
      signingKey: authorityKeys.privateKey,
      extensions: [
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(
          wanted.hosts.map((value) => ({ type: isAddress(value) ? "ip" : "dns", value })),
        ),
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
