import { readFileSync } from "node:fs";

import { ChannelCredentials, Metadata } from "@grpc/grpc-js";
import { errorAt } from "@walras/kit";

/** How the agent proves itself, and how it knows the controller. Files are read at every connection, for they are rotated. */
export interface SecurityOptions {
  readonly insecure: boolean;
  readonly tokenFile?: string | undefined;
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** Certificates as they are on disk now; null where none is used. */
export interface Certificates {
  readonly ca: Buffer | null;
  readonly cert: Buffer | null;
  readonly key: Buffer | null;
}

/** @throws FieldError naming the flag and the file that cannot be read */
export function readCertificates({ caFile, certFile, keyFile }: SecurityOptions): Certificates {
  return {
    ca: readOptional("flags.caFile", caFile),
    cert: readOptional("flags.certFile", certFile),
    key: readOptional("flags.keyFile", keyFile),
  };
}

export function sameCertificates(one: Certificates, other: Certificates): boolean {
  return same(one.ca, other.ca) && same(one.cert, other.cert) && same(one.key, other.key);
}

/** @throws Error where a certificate and its key do not belong together */
export function channelCredentials({ insecure }: SecurityOptions, { ca, cert, key }: Certificates): ChannelCredentials {
  return insecure ? ChannelCredentials.createInsecure() : ChannelCredentials.createSsl(ca, key, cert);
}

/** The token as it is on disk now. @throws FieldError naming the file, where it cannot be read or is empty */
export function callMetadata({ tokenFile }: SecurityOptions): Metadata {
  const metadata = new Metadata();
  const token = readOptional("flags.tokenFile", tokenFile)?.toString("latin1").trim();
  if (token === "") throw errorAt("flags.tokenFile", tokenFile, "is empty");
  if (token !== undefined) metadata.set("authorization", `Bearer ${token}`);
  return metadata;
}

function readOptional(flag: string, file: string | undefined): Buffer | null {
  if (file === undefined) return null;
  try {
    return readFileSync(file);
  } catch (error) {
    throw errorAt(flag, file, `cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
  }
}

function same(one: Buffer | null, other: Buffer | null): boolean {
  return one === null || other === null ? one === other : one.equals(other);
}
