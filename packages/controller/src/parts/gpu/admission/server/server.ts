import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { Socket } from "node:net";

import { type Clock, describeError, InputError, type Logger, type Runnable, sleep } from "@walras/kit";

import { clip } from "../../../../base/bounds/clip.ts";
import { Door } from "../../../../base/bounds/door.ts";
import { stopParsing } from "../../../../base/ops/guests.ts";
import { Bodies } from "./bodies.ts";
import { type AdmissionLimits, admissionLimits } from "./limits.ts";
import { busy, refusalOf, type Turned } from "./refuse.ts";

/** PEM texts. */
export interface ServingPair {
  readonly certificate: string;
  readonly key: string;
}

/** What is told of each request. */
interface ServerObserver {
  /** It was turned away, with this HTTP status, before anybody looked at what it asks. */
  turned(status: number): void;
}

export interface AdmissionServerOptions {
  /** HOST:PORT */
  readonly address: string;
  /** @throws InputError for a body that is no question */
  readonly answer: (body: unknown) => object;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: ServerObserver;
  readonly limits?: AdmissionLimits;
}

/**
 * Answers the API server over HTTPS. Every peer is a stranger: how many there are, how long they take and how much they send is
 * bounded, and who has nothing under way gives way to who comes.
 */
export class AdmissionServer implements Runnable {
  readonly name = "admission webhook";
  readonly #options: AdmissionServerOptions;
  readonly #limits: AdmissionLimits;
  readonly #https: Server;
  readonly #door: Door;
  readonly #bodies: Bodies;
  readonly #asking = new Set<Socket>();
  #port = 0;
  #stopping = false;
  #onQuiet: () => void = () => undefined;

  constructor(options: AdmissionServerOptions) {
    this.#options = options;
    this.#limits = options.limits ?? admissionLimits;
    this.#bodies = new Bodies(this.#limits);
    this.#https = createServer(tlsOptions(this.#limits), (request, response) => this.#hear(request, response));
    this.#https.on("tlsClientError", (_, socket) => socket.destroy());
    this.#door = new Door({
      clock: options.clock,
      limits: doorLimits(this.#limits),
      most: () => this.#limits.connections,
      enter: (socket) => this.#https.emit("connection", socket),
    });
  }

  /** The port in use, once started. */
  get port(): number {
    return this.#port;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#door.size;
  }

  /** Questions under way. */
  get asking(): number {
    return this.#asking.size;
  }

  /** Bytes of questions that are not whole yet. */
  get heldBytes(): number {
    return this.#bodies.heldBytes;
  }

  /** Without a certificate every handshake fails. */
  async start(): Promise<void> {
    this.#port = await this.#door.listen(this.#options.address);
  }

  /** What is under way is answered, if it ends soon. */
  async stop(): Promise<void> {
    this.#stopping = true;
    void this.#door.shut();
    const quiet = new AbortController();
    this.#onQuiet = () => quiet.abort();
    if (this.#asking.size > 0) await sleep(this.#options.clock, this.#limits.lingerMs, quiet.signal);
    this.#door.close();
  }

  /** New connections are served with this; those that are open go on as they are. @throws Error where the two do not match */
  serveWith({ certificate, key }: ServingPair): void {
    this.#https.setSecureContext({ cert: certificate, key, minVersion: "TLSv1.2" });
  }

  #hear(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    if (this.#asking.has(socket)) {
      stopParsing(socket);
      socket.destroy();
      return;
    }
    const late = this.#options.clock.after(this.#limits.answerMs, () => socket.destroy());
    this.#asking.add(socket);
    response.once("close", () => {
      late.cancel();
      this.#asking.delete(socket);
      if (this.#asking.size === 0) this.#onQuiet();
    });
    this.#serve(request, response).catch((error: unknown) => {
      this.#options.logger.debug({ error: describeError(error) }, "admission peer is gone");
      socket.destroy();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = this.#asking.size > this.#limits.questions ? busy : refusalOf(request, this.#limits.bodyBytes);
    const body = refusal ?? (await this.#bodies.read(request));
    if (typeof body !== "string") {
      this.#turn(response, body);
      return;
    }
    this.#provenUntilAnswered(request.socket, response);
    const answer = this.#answerTo(body);
    if ("status" in answer) this.#turn(response, answer);
    else this.#send(response, 200, { type: "application/json", text: answer.text });
  }

  /** A whole question is what a connection is for: it stands until the answer is taken, and then has time for the next. */
  #provenUntilAnswered({ remoteAddress = "", remotePort = 0 }: Socket, response: ServerResponse): void {
    const peer = `${remoteAddress}:${remotePort}`;
    this.#door.prove(peer);
    response.once("close", () => this.#door.leave(peer));
  }

  #answerTo(body: string): { readonly text: string } | Turned {
    try {
      return { text: JSON.stringify(this.#options.answer(parsed(body))) };
    } catch (error) {
      if (error instanceof InputError) return { status: 400, text: describeError(error) };
      this.#options.logger.error({ error: describeError(error) }, "admission question is not answered");
      return { status: 500, text: "the question could not be answered" };
    }
  }

  /** Its connection ends: what else it has sent is not read. */
  #turn(response: ServerResponse, { status, text, headers = {} }: Turned): void {
    this.#options.observer.turned(status);
    const { socket } = response;
    response.once("finish", () => socket?.destroySoon());
    this.#send(response, status, {
      type: "text/plain; charset=utf-8",
      text: clip(text),
      headers: { ...headers, connection: "close" },
    });
  }

  #send(response: ServerResponse, status: number, content: Content): void {
    const bytes = Buffer.from(content.text);
    const ending = this.#stopping ? { connection: "close" } : {};
    response.writeHead(status, {
      "content-type": content.type,
      "content-length": bytes.length,
      ...ending,
      ...content.headers,
    });
    response.end(bytes);
  }
}

interface Content {
  readonly type: string;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** @throws InputError */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch (cause) {
    throw new InputError("body: is no JSON", { cause });
  }
}

function tlsOptions(limits: AdmissionLimits): Parameters<typeof createServer>[0] {
  return {
    minVersion: "TLSv1.2",
    ALPNProtocols: ["http/1.1"],
    handshakeTimeout: limits.handshakeMs,
    maxHeaderSize: limits.headerBytes,
    // The door ends who is idle.
    keepAliveTimeout: 0,
  };
}

function doorLimits(limits: AdmissionLimits): ConstructorParameters<typeof Door>[0]["limits"] {
  return {
    unproven: limits.connections,
    perAddress: limits.connectionsPerAddress,
    perAddressPerSecond: limits.newConnectionsPerAddressPerSecond,
    perAddressBurst: limits.newConnectionsPerAddressBurst,
    perSecond: limits.newConnectionsPerSecond,
    proveMs: limits.questionMs,
  };
}
