import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";

import { freePort, type Pair } from "@walras/kit/testing";
import pg from "pg";

const programs = globSync("/usr/lib/postgresql/*/bin/initdb").toSorted().at(-1);
const waitMs = 15_000;

/** It refuses to run as root. */
function otherThanRoot(): { uid: number; gid: number } | undefined {
  if (userInfo().uid !== 0) return undefined;
  const id = (which: string): number => Number(execFileSync("id", [which, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

/** A real PostgreSQL of its own, where Debian's package is installed; passwords are checked. */
export class Postgres {
  static readonly installed = programs !== undefined;
  static readonly superuser = "keeper";
  static readonly password = "made for a test";

  readonly port: number;
  readonly #folder: string;
  readonly #user = otherThanRoot();
  #process: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.port = port;
  }

  /** @param tls its certificate; connections may do without all the same */
  static async start(tls: Pair): Promise<Postgres> {
    const server = new Postgres(await mkdtemp(join(tmpdir(), "postgres-")), await freePort());
    const files = { password: Postgres.password, "tls.crt": tls.cert, "tls.key": tls.key };
    for (const [name, content] of Object.entries(files))
      await writeFile(join(server.#folder, name), content, { mode: 0o600 });
    if (server.#user) {
      const { uid, gid } = server.#user;
      for (const name of ["", ...Object.keys(files)]) await chown(join(server.#folder, name), uid, gid);
    }
    server.#initialize();
    await server.begin();
    return server;
  }

  #initialize(): void {
    const options = ["-U", Postgres.superuser, "-A", "scram-sha-256", "--pwfile", join(this.#folder, "password")];
    execFileSync(programs ?? "", ["-D", join(this.#folder, "data"), "--no-sync", ...options], {
      cwd: this.#folder,
      stdio: "pipe",
      ...this.#user,
    });
  }

  async begin(): Promise<void> {
    const settings = {
      port: this.port,
      listen_addresses: "127.0.0.1",
      unix_socket_directories: this.#folder,
      fsync: "off",
      ssl: "on",
      ssl_cert_file: join(this.#folder, "tls.crt"),
      ssl_key_file: join(this.#folder, "tls.key"),
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const postgres = join(dirname(programs ?? ""), "postgres");
    this.#process = spawn(postgres, ["-D", join(this.#folder, "data"), ...flags], {
      cwd: this.#folder,
      stdio: "ignore",
      ...this.#user,
    });
    await this.#answering();
  }

  /** As its owner. */
  async query(text: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({
      host: "127.0.0.1",
      port: this.port,
      user: Postgres.superuser,
      password: Postgres.password,
      database: "postgres",
    });
    client.on("error", () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<Record<string, unknown>>(text);
      return rows;
    } finally {
      await client.end();
    }
  }

  async end(): Promise<void> {
    if (this.#process === undefined) return;
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGINT");
    await exit;
  }

  async remove(): Promise<void> {
    await this.end();
    await rm(this.#folder, { recursive: true });
  }

  async #answering(): Promise<void> {
    const untilMs = performance.now() + waitMs;
    for (;;) {
      try {
        await this.query("SELECT 1");
        return;
      } catch (error) {
        if (performance.now() > untilMs) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
}
