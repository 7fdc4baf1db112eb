import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort } from "@walras/kit/testing";

const program = process.env["WALRAS_MONGOD"];

/** A server of MongoDB's protocol of its own, where WALRAS_MONGOD names a program that takes HOST:PORT and a folder. */
export class Mongod {
  static readonly installed = program !== undefined && program !== "";

  readonly #port: number;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string) {
    this.#port = port;
    this.#folder = folder;
  }

  static async start(): Promise<Mongod> {
    const server = new Mongod(await freePort(), await mkdtemp(join(tmpdir(), "mongod-")));
    await server.begin();
    return server;
  }

  get uri(): string {
    return `mongodb://127.0.0.1:${this.#port}/`;
  }

  async begin(): Promise<void> {
    this.#process = spawn(program ?? "", [`127.0.0.1:${this.#port}`, this.#folder], { stdio: "ignore" });
    while (!(await this.#listens())) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  async end(): Promise<void> {
    if (this.#process === undefined) return;
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exit;
    this.#process = undefined;
  }

  async remove(): Promise<void> {
    await this.end();
    await rm(this.#folder, { recursive: true });
  }

  #listens(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.#port, "127.0.0.1");
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
  }
}
