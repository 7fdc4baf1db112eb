import type { ClientDuplexStream } from "@grpc/grpc-js";
import type { Clock } from "@walras/kit";

export interface LockStepOptions<Request, Response> {
  readonly open: () => ClientDuplexStream<Request, Response>;
  /** One answer may take so long; a stream that owes one longer is ended. */
  readonly answerMs: number;
  readonly clock: Clock;
}

interface Waiting<Response> {
  readonly resolve: (response: Response) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Questions and answers on one stream that stays open. Whoever asks waits for
 * the answer before asking again. A stream that has ended is opened again by
 * the next question.
 */
export class LockStep<Request, Response> {
  readonly #options: LockStepOptions<Request, Response>;
  #stream: ClientDuplexStream<Request, Response> | null = null;
  #waiting: Waiting<Response> | null = null;
  #closed = false;

  constructor(options: LockStepOptions<Request, Response>) {
    this.#options = options;
  }

  /**
   * A stream that was open may be that of a process that has been replaced
   * since: where it ends, the question is asked once more on a new one.
   *
   * @throws Error where no answer comes in time, or the stream ends
   */
  async ask(request: Request): Promise<Response> {
    const wasOpen = this.#stream !== null;
    try {
      return await this.#askOnce(request);
    } catch (error) {
      if (!wasOpen || !(error instanceof StreamEnded)) throw error;
      return this.#askOnce(request);
    }
  }

  close(): void {
    this.#closed = true;
    this.#end(new Error("the plugin is gone"));
  }

  async #askOnce(request: Request): Promise<Response> {
    if (this.#closed) throw new Error("the plugin is gone");
    const { clock, answerMs } = this.#options;
    const stream = (this.#stream ??= this.#open());
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    this.#waiting = { resolve, reject };
    const deadline = clock.after(answerMs, () => this.#end(new Error(`no answer in ${answerMs} ms`)));
    stream.write(request);
    try {
      return await promise;
    } finally {
      deadline.cancel();
      this.#waiting = null;
    }
  }

  #open(): ClientDuplexStream<Request, Response> {
    const stream = this.#options.open();
    const isCurrent = (): boolean => this.#stream === stream;
    stream.on("data", (response: Response) => {
      if (isCurrent()) this.#hear(response);
    });
    stream.on("error", (cause) => {
      if (isCurrent()) this.#end(new StreamEnded("the stream has failed", { cause }));
    });
    stream.on("end", () => {
      if (isCurrent()) this.#end(new StreamEnded("the plugin has ended the stream"));
    });
    return stream;
  }

  #hear(response: Response): void {
    if (this.#waiting) this.#waiting.resolve(response);
    else this.#end(new Error("it answered what was not asked"));
    this.#waiting = null;
  }

  #end(error: Error): void {
    const stream = this.#stream;
    this.#stream = null;
    this.#waiting?.reject(error);
    this.#waiting = null;
    stream?.cancel();
  }
}

/** The other side or the connection has ended the stream. */
class StreamEnded extends Error {}
