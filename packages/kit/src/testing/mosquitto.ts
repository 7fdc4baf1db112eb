import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort } from "./ports.ts";

const command = ["mosquitto", "/usr/sbin/mosquitto"].find((path) => !spawnSync(path, ["-h"]).error);

/** A real MQTT broker of its own, where Debian's package mosquitto is installed. */
export class Mosquitto {
  static readonly installed = command !== undefined;

  /** Lets everybody in. */
  readonly port: number;
  /** Lets nobody in. */
  readonly closedPort: number;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(folder: string, port: number, closedPort: number) {
    this.#folder = folder;
    this.port = port;
    this.closedPort = closedPort;
  }

  /** @param address where it listens */
  static async start(address = "127.0.0.1"): Promise<Mosquitto> {
    const folder = await mkdtemp(join(tmpdir(), "mosquitto-"));
    // Started by root, it reads its files as somebody else.
    await chmod(folder, 0o755);
    const broker = new Mosquitto(folder, await freePort(), await freePort());
    const lines = [
      "per_listener_settings true",
      "sys_interval 1",
      `listener ${broker.port} ${address}`,
      "allow_anonymous true",
      `listener ${broker.closedPort} ${address}`,
      "allow_anonymous false",
    ];
    await writeFile(join(folder, "mosquitto.conf"), `${lines.join("\n")}\n`);
    broker.begin();
    return broker;
  }

  begin(): void {
    this.#process = spawn(command ?? "", ["-c", join(this.#folder, "mosquitto.conf")], { stdio: "ignore" });
  }

  async end(): Promise<void> {
    if (this.#process === undefined) return;
    const exit = once(this.#process, "exit");
    this.#process.kill();
    await exit;
  }

  async remove(): Promise<void> {
    await this.end();
    await rm(this.#folder, { recursive: true });
  }
}
