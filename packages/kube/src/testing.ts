import { KubeError, type KubeLines, type KubeRequest, type KubeTransport } from "./port.ts";

/** An open watch of a scripted server. */
export class ScriptedWatch implements KubeLines {
  readonly request: KubeRequest;
  readonly #lines: string[] = [];
  #wake: (() => void) | undefined;
  #outcome: { readonly error?: unknown } | undefined;

  constructor(request: KubeRequest) {
    this.request = request;
    request.signal?.addEventListener("abort", () => this.fail(noAnswer("aborted")));
  }

  tell(type: string, object: object): void {
    this.#lines.push(JSON.stringify({ type, object }));
    this.#wake?.();
  }

  end(): void {
    this.#outcome ??= {};
    this.#wake?.();
  }

  fail(error: unknown): void {
    this.#outcome ??= { error };
    this.#wake?.();
  }

  get open(): boolean {
    return this.#outcome === undefined;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void> {
    for (;;) {
      yield* this.#lines.splice(0);
      if (this.#outcome) break;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if ("error" in this.#outcome) throw this.#outcome.error;
  }
}

/** A server that answers as a test says; what it was asked is kept. */
export class ScriptedTransport implements KubeTransport {
  readonly calls: KubeRequest[] = [];
  readonly watches: ScriptedWatch[] = [];
  /** Answers calls; what it throws, or a KubeError it returns, refuses them. */
  answer: (request: KubeRequest) => unknown = () => ({});
  /** Answers watches before they open. */
  refuseWatch: () => KubeError | undefined = () => undefined;

  async send(request: KubeRequest): Promise<unknown> {
    this.calls.push(request);
    const answer = await this.answer(request);
    if (answer instanceof KubeError) throw answer;
    return answer;
  }

  stream(request: KubeRequest): Promise<KubeLines> {
    const watch = new ScriptedWatch(request);
    this.watches.push(watch);
    const refused = this.refuseWatch();
    return refused ? Promise.reject(refused) : Promise.resolve(watch);
  }

  get lastWatch(): ScriptedWatch {
    const watch = this.watches.at(-1);
    if (!watch) throw new Error("no watch was opened");
    return watch;
  }
}

/** No answer at all. */
export function noAnswer(message: string): KubeError {
  return new KubeError(message, { status: 0, reason: "NoAnswer" });
}

/** An answer of the server that is a refusal. */
export function refusal(status: number, reason: string, retryAfterMs?: number): KubeError {
  return new KubeError(`${status} ${reason}`, { status, reason, retryAfterMs });
}
