import { timingSafeEqual } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";

import { ChannelCredentials, Metadata, ServerCredentials } from "@grpc/grpc-js";
import { type Clock, describeError, errorAt, type Logger } from "@walras/kit";
import { rereadToken } from "@walras/kube";

import { FileCredentials } from "../../../base/config/tlsFiles.ts";
import { pluginLimits } from "./limits.ts";

/** Where a shared token is in a call's metadata. */
export const tokenHeader = "x-ido-plugin-auth-token";

/** How plugins and planner know each other; with nothing of it nobody is let in. */
export interface PluginSecurityOptions {
  /** A file with a token that both sides have. */
  readonly tokenFile?: string | undefined;
  /** PEM files: both sides show a certificate of the authority. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string; readonly caFile: string } | undefined;
  /** Whoever can connect is believed. */
  readonly insecure?: boolean;
}

/** Both directions: who calls us, and how we call. */
export class PluginSecurity {
  readonly #options: PluginSecurityOptions;
  readonly #token: (() => string) | null;

  constructor(options: PluginSecurityOptions, clock: Pick<Clock, "monotonicMs">) {
    this.#options = options;
    const { tokenFile } = options;
    this.#token = tokenFile === undefined ? null : rereadToken(tokenFile, () => clock.monotonicMs());
  }

  /**
   * What keeps everybody out until it comes: an optional Secret is there later, or never.
   *
   * @returns null where nothing is missing
   * @throws FieldError where there is a token, and it cannot be used
   */
  missing(): string | null {
    const { tokenFile } = this.#options;
    if (tokenFile === undefined) return null;
    if (!existsSync(tokenFile)) return errorAt("security.tokenFile", tokenFile, "is not there").message;
    this.#ownToken();
    return null;
  }

  /** Why a caller is turned away; null: it is not. Certificates have been looked at before, by TLS. */
  refusal(metadata: Metadata): string | null {
    const { tls, insecure } = this.#options;
    if (this.#token === null)
      return tls !== undefined || insecure === true ? null : "no plugins are taken: neither a token nor TLS is set up";
    const [shown] = metadata.get(tokenHeader);
    if (shown === undefined) return `${tokenHeader} is missing`;
    try {
      return isSame(String(shown), this.#ownToken()) ? null : `${tokenHeader} is wrong`;
    } catch {
      // Where the file is is nobody's business: our own calls tell of it here.
      return "the token cannot be read here, and nobody is let in";
    }
  }

  /** What our own calls show. @throws FieldError where the token cannot be read */
  metadata(): Metadata {
    const metadata = new Metadata({ waitForReady: true });
    if (this.#token !== null) metadata.set(tokenHeader, this.#ownToken());
    return metadata;
  }

  /** @throws FieldError naming the file that cannot be used */
  serverCredentials(clock: Clock, logger: Logger): ServerCredentials {
    const { tls } = this.#options;
    if (tls === undefined) return ServerCredentials.createInsecure();
    return new FileCredentials({ ...tls, clientCaFile: tls.caFile }, clock, logger);
  }

  /** @throws FieldError naming the file that cannot be used */
  channelCredentials(): ChannelCredentials {
    const { tls } = this.#options;
    if (tls === undefined) return ChannelCredentials.createInsecure();
    const [ca, key, cert] = [pem("caFile", tls.caFile), pem("keyFile", tls.keyFile), pem("certFile", tls.certFile)];
    return ChannelCredentials.createSsl(ca, key, cert);
  }

  /** An empty token is none: it would let everybody in. */
  #ownToken(): string {
    const { tokenFile } = this.#options;
    const token = readToken(this.#token, tokenFile);
    if (token === "" || token.length > pluginLimits.tokenChars)
      throw errorAt("security.tokenFile", tokenFile, `has a token of ${token.length} characters`);
    return token;
  }
}

function readToken(read: (() => string) | null, file: string | undefined): string {
  try {
    return read?.() ?? "";
  } catch (error) {
    throw errorAt("security.tokenFile", file, `cannot be read (${describeError(error)})`);
  }
}

function pem(field: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw errorAt(`security.tls.${field}`, file, `cannot be read (${describeError(error)})`);
  }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
