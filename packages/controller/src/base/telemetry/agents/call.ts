import { type ServerDuplexStream, status } from "@grpc/grpc-js";
import { type Clock, describeError, type Logger, type Timer } from "@walras/kit";
import type { AgentMessage, ControllerMessage, Hello } from "@walras/proto";

import { clip } from "../../bounds/clip.ts";
import type { Door } from "../../bounds/door.ts";
import { type Admission, helloComplaint, type Refusal, refusalOf } from "./admission.ts";
import type { AgentIdentity, Authenticator, Credentials } from "./authenticator.ts";
import { agentLimits as limits } from "../../bounds/agentLimits.ts";
import { Outbox } from "./outbox.ts";
import { Reviewing } from "./reviewing.ts";
import type { AgentSession, AgentStream } from "./session.ts";

export type Call = ServerDuplexStream<AgentMessage, ControllerMessage>;

/** What the server needs of the controller. */
export interface AgentHost {
  /** Only the leader talks with agents; a standby sends them on. */
  accepts(): boolean;
  /** Opens the session of an agent that has proven its node. */
  open(hello: Hello, stream: AgentStream): AgentSession;
  closed(session: AgentSession): void;
}

/** What all streams of a server share. */
export interface CallSurroundings {
  readonly host: AgentHost;
  readonly authenticator: Authenticator;
  readonly admission: Admission;
  readonly door: Pick<Door, "prove" | "leave" | "expel">;
  readonly clock: Clock;
  readonly logger: Logger;
}

const notLeading: Refusal = { code: status.UNAVAILABLE, details: "this controller does not lead" };
const notHello: Refusal = { code: status.INVALID_ARGUMENT, details: "the first message must be a Hello" };
const noHello: Refusal = { code: status.DEADLINE_EXCEEDED, details: `no Hello in ${limits.helloMs} ms` };

/** One stream: its Hello, the session it opens when that is believed, and its end. */
export class AgentCall {
  readonly #call: Call;
  readonly #around: CallSurroundings;
  /** A stream does not tell its peer any more when its connection has ended. */
  readonly #peer: string;
  readonly #outbox: Outbox;
  #session: AgentSession | undefined;
  #reviewing: Reviewing | undefined;
  #deadline: Timer | undefined;
  #over = false;

  constructor(call: Call, around: CallSurroundings) {
    this.#call = call;
    this.#around = around;
    this.#peer = call.getPeer();
    this.#outbox = new Outbox(call, around.clock, () =>
      this.end({ code: status.ABORTED, details: `nothing was read for ${limits.unreadMs} ms` }),
    );
    call.on("error", (error) => around.logger.debug({ error: describeError(error) }, "agent stream failed"));
    call.once("close", () => this.#finish());
    call.once("cancelled", () => this.#finish());
  }

  /** Waits for the Hello. */
  begin(): void {
    this.#deadline = this.#around.clock.after(limits.helloMs, () => this.end(noHello));
    this.#call.on("end", () => this.#call.end());
    this.#call.once("data", (first: AgentMessage) => {
      this.#call.pause();
      void this.#meet(first);
    });
  }

  /** Ends the stream, telling the agent why; one that does not hear of it is cut off. */
  end({ code, details }: Refusal): void {
    if (this.#over) return;
    this.#finish();
    // What it still says is not read, so that it cannot be said.
    this.#call.pause();
    this.#call.emit("error", { code, details: clip(details) });
    const cut = this.#around.clock.after(limits.lingerMs, () => this.#around.door.expel(this.#peer));
    this.#call.once("close", () => cut.cancel());
  }

  async #meet({ message }: AgentMessage): Promise<void> {
    if (message?.$case !== "hello") return this.end(notHello);
    const complaint = helloComplaint(message.value);
    if (complaint !== null) return this.end({ code: status.INVALID_ARGUMENT, details: complaint });
    const credentials = credentialsOf(this.#call, message.value);
    try {
      const identity = await this.#around.admission.admit(credentials);
      if (!this.#over) this.#open(message.value, identity, credentials);
    } catch (error) {
      this.#turnAway(message.value, error);
    }
  }

  #open(hello: Hello, identity: AgentIdentity, credentials: Credentials): void {
    const { host, authenticator, clock, door } = this.#around;
    if (this.#call.cancelled || !host.accepts()) return this.end(notLeading);
    this.#deadline?.cancel();
    door.prove(this.#peer);
    const session = host.open(hello, {
      send: (message) => this.#send(message),
      close: (reason) => this.end({ code: status.ABORTED, details: reason }),
    });
    this.#session = session;
    this.#reviewing = new Reviewing(authenticator, credentials, clock, (error) => this.#turnAway(hello, error));
    this.#reviewing.follow(identity);
    this.#call.on("data", (message: AgentMessage) => session.receive(message));
    this.#call.resume();
  }

  #send(message: ControllerMessage): void {
    if (!this.#over && !this.#call.cancelled && this.#call.writable) this.#outbox.send(message);
  }

  #turnAway({ nodeName: node }: Hello, error: unknown): void {
    this.#around.logger.warn({ node: clip(node), error: clip(describeError(error)) }, "agent turned away");
    this.end(refusalOf(error));
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#deadline?.cancel();
    this.#outbox.close();
    this.#reviewing?.stop();
    if (!this.#session) return;
    this.#session.ended();
    this.#around.host.closed(this.#session);
    this.#around.door.leave(this.#peer);
  }
}

function credentialsOf(call: Call, { nodeName }: Hello): Credentials {
  return { token: bearerToken(call), ...certificateOf(call), claimedNode: nodeName };
}

function bearerToken(call: Call): string {
  const [value] = call.metadata.get("authorization");
  return typeof value === "string" && value.startsWith("Bearer ") ? value.slice(7) : "";
}

function certificateOf(call: Call): Pick<Credentials, "certificateName" | "certificateUntilMs"> {
  const certificate = call.getAuthContext().sslPeerCertificate;
  const subject = certificate?.subject.CN;
  if (!certificate || typeof subject !== "string") return { certificateName: "" };
  return { certificateName: subject, certificateUntilMs: Date.parse(certificate.valid_to) };
}
