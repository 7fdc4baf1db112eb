import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

import type { FromLoad, ToLoad } from "./messages.ts";
import type { ScaleOptions } from "./scenario.ts";

const program = join(import.meta.dirname, "loadProcess.ts");

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
    const child = fork(program, [JSON.stringify(options)], { execArgv: ["--max-old-space-size=8192"] });
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

  async result(): Promise<Result> {
    this.#tell({ ask: true });
    const [message] = (await once(this.#child, "message")) as [FromLoad];
    if ("url" in message) throw new Error("the load began anew");
    return message;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }

  #tell(message: ToLoad): void {
    this.#child.send(message);
  }
}
