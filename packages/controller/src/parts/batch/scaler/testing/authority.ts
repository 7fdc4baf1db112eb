// The certificate library registers its parts by decorators.
import "reflect-metadata";

import { webcrypto } from "node:crypto";
import { writeFile } from "node:fs/promises";

import {
  BasicConstraintsExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

import type { TlsFiles } from "../../../../base/config/tlsFiles.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const validity = { notBefore: new Date("2020-01-01"), notAfter: new Date("2120-01-01") };

/** PEM texts. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** An authority of a test: issues certificates for localhost. */
export interface TestAuthority {
  readonly certificate: string;
  issue(commonName: string): Promise<Identity>;
}

export async function testAuthority(): Promise<TestAuthority> {
  const keys = await newKeys();
  const own = await X509CertificateGenerator.createSelfSigned(
    {
      name: "CN=test authority",
      ...validity,
      signingAlgorithm: algorithm,
      keys,
      extensions: [new BasicConstraintsExtension(true, 0, true)],
    },
    webcrypto,
  );
  const issue = async (commonName: string): Promise<Identity> => {
    const { publicKey, privateKey } = await newKeys();
    const certificate = await X509CertificateGenerator.create(
      {
        subject: `CN=${commonName}`,
        issuer: own.subject,
        ...validity,
        signingAlgorithm: algorithm,
        publicKey,
        signingKey: keys.privateKey,
        extensions: [new SubjectAlternativeNameExtension([{ type: "dns", value: "localhost" }])],
      },
      webcrypto,
    );
    const key = PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", privateKey), "PRIVATE KEY");
    return { certificate: certificate.toString("pem"), key };
  };
  return { certificate: own.toString("pem"), issue };
}

/** Writes it to the files of a server. */
export async function writeIdentity({ certFile, keyFile }: TlsFiles, { certificate, key }: Identity): Promise<void> {
  await writeFile(certFile, certificate);
  await writeFile(keyFile, key);
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}
