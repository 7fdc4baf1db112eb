import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createSecureContext, type SecureContextOptions } from "node:tls";

import { ServerCredentials } from "@grpc/grpc-js";
import { type Clock, describeError, errorAt, type Logger, Repeating } from "@walras/kit";

/** PEM files. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** Clients must show a certificate of this authority. */
  readonly clientCaFile?: string | undefined;
}

/** cert-manager renews days ahead; kubelet itself takes a minute to project a Secret. */
const lookMs = 10_000;

/** What TLS files hold. */
export interface Pems {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca?: Buffer;
}

/** A server's certificate and key from files, read again when they change; bad files leave the last good ones. */
export class FileCredentials extends ServerCredentials {
  readonly #files: TlsFiles;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #taken: (cert: Buffer) => void;
  #pems: Pems;
  #looks: Repeating | undefined;

  /** @param taken told of each certificate that is served from then on @throws FieldError naming the file that cannot be used */
  constructor(files: TlsFiles, clock: Clock, logger: Logger, taken: (cert: Buffer) => void = () => undefined) {
    const pems = readPems(files);
    const mutual = files.clientCaFile !== undefined;
    super({ requestCert: mutual, rejectUnauthorized: mutual }, pems);
    this.#files = files;
    this.#pems = pems;
    this.#clock = clock;
    this.#logger = logger;
    this.#taken = taken;
    taken(pems.cert);
  }

  /** Looks at the files from now on. */
  watch(): void {
    const [clock, logger] = [this.#clock, this.#logger];
    const taking = { name: "certificate", first: this.#pems, take: (pems: Pems) => this.#take(pems) };
    this.#looks = pemWatch(this.#files, taking, { clock, logger });
    void this.#looks.start();
  }

  unwatch(): void {
    void this.#looks?.stop();
    this.#looks = undefined;
  }

  override _equals(other: ServerCredentials): boolean {
    return other === this;
  }

  #take(pems: Pems): void {
    this.#pems = pems;
    this.updateSecureContextOptions(pems);
    this.#taken(pems.cert);
  }
}

/** What is done with files that have changed. */
interface Taking {
  /** Of what they are, for the log. */
  readonly name: string;
  /** What has been taken already. */
  readonly first: Pems;
  readonly take: (pems: Pems) => void;
}

/** Looks at the files again and again; bad ones leave the last good ones. */
export function pemWatch(
  files: TlsFiles,
  { name, first, take }: Taking,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Repeating {
  let last = first;
  const run = async (): Promise<void> => {
    try {
      const pems = await pemsOf(files);
      if (samePems(pems, last)) return;
      take(pems);
      last = pems;
      logger.info({ certFile: files.certFile }, `${name} is reloaded`);
    } catch (error) {
      logger.warn({ ...files, error: describeError(error) }, `${name} is not reloaded`);
    }
  };
  return new Repeating({ name, everyMs: lookMs, clock, logger, run });
}

/** @throws FieldError naming the file that cannot be used */
export function readPems(files: TlsFiles): Pems {
  const pems = readNow(files);
  checked(files, pems);
  return pems;
}

/** The same while something runs. @throws Error for files that cannot be used */
async function pemsOf(files: TlsFiles): Promise<Pems> {
  const pems = await readAgain(files);
  checked(files, pems);
  return pems;
}

function readNow({ certFile, keyFile, clientCaFile }: TlsFiles): Pems {
  const read = (field: string, path: string): Buffer => {
    try {
      return readFileSync(path);
    } catch (error) {
      throw errorAt(field, path, `cannot be read (${describeError(error)})`);
    }
  };
  const pair = { cert: read("tls.certFile", certFile), key: read("tls.keyFile", keyFile) };
  return clientCaFile === undefined ? pair : { ...pair, ca: read("tls.clientCaFile", clientCaFile) };
}

async function readAgain({ certFile, keyFile, clientCaFile }: TlsFiles): Promise<Pems> {
  const pair = { cert: await readFile(certFile), key: await readFile(keyFile) };
  return clientCaFile === undefined ? pair : { ...pair, ca: await readFile(clientCaFile) };
}

/** Certificate and key are replaced one after the other: a pair that does not match is no pair. */
function checked({ certFile }: TlsFiles, pems: SecureContextOptions): void {
  try {
    createSecureContext(pems);
  } catch (error) {
    throw errorAt("tls.certFile", certFile, `and its key are of no use (${describeError(error)})`);
  }
}

function samePems(one: Pems, other: Pems): boolean {
  const all = ({ cert, key, ca }: Pems): Buffer => Buffer.concat([cert, key, ca ?? Buffer.alloc(0)]);
  return all(one).equals(all(other));
}
