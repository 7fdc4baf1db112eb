import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import type { FromLoad, ToLoad } from "./messages.ts";
import type { ScaleOptions } from "./scenario.ts";

const program = join(import.meta.dirname, "loadProcess.ts");

/** Its heap grows fourfold before V8 looks through it: half a second of that amid the steps would count as the controller's. */
const heapFlags = ["--max-old-space-size=8192", "--heap-growing-percent=300", "--expose-gc"];

type Result = Exclude<FromLoad, { readonly url: string }>;

/** The cluster that a controller is measured on, in a process of its own. */
export class Load {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(options: ScaleOptions): Promise<Load> {
    const child = fork(program, [JSON.stringify(options)], { execArgv: heapFlags });
    const [message] = (await once(child, "message")) as [FromLoad];
    if (!("url" in message)) throw new Error("the load began with a result");
    return new Load(child, message.url);
  }

  /** From now on agents report to the controller at this port of this machine. */
  begin(agentPort: number): void {
    this.#tell({ agentPort });
  }

  /** The cluster has settled. */
  step(): void {
    this.#tell({ step: true });
  }

  /** V8 looks through its heap now, and need not while steps wait. */
  async collect(): Promise<void> {
    await this.#ask({ collect: true });
  }

  result(): Promise<Result> {
    return this.#ask({ ask: true });
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  async #ask(question: ToLoad): Promise<Result> {
    this.#tell(question);
    const [message] = (await once(this.#child, "message")) as [FromLoad];
    if ("url" in message) throw new Error("the load began anew");
    return message;
  }

  #tell(message: ToLoad): void {
    this.#child.send(message);
  }
}
