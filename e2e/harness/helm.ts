import { existsSync } from "node:fs";
import { join } from "node:path";

import { execa } from "execa";

import type { Cluster } from "./cluster.ts";

/** The testbed brings one; elsewhere it is on the PATH, or named by HELM. */
const beside = join(process.env["TESTBED_HOME"] ?? "/var/tmp/testbed", "bin", "helm");
const program = process.env["HELM"] ?? (existsSync(beside) ? beside : "helm");

/** helm, for what users do with it in one namespace. */
export class Helm {
  readonly #cluster: Cluster;
  readonly #namespace: string;

  constructor(cluster: Cluster, namespace: string) {
    this.#cluster = cluster;
    this.#namespace = namespace;
  }

  /** What it prints. @throws Error with its words */
  async run(...args: string[]): Promise<string> {
    const where = ["--kubeconfig", this.#cluster.target.kubeconfig, "--namespace", this.#namespace];
    const { stdout } = await execa(program, [...args, ...where], { stdin: "ignore" });
    return stdout;
  }
}
