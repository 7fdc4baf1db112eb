import { mkdtempSync } from "node:fs";
import { chmod, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { issue } from "@walras/cli/certs";
import { execa } from "execa";

import { CallRecorder, type Upstream } from "./callRecorder.ts";
import type { Cluster } from "./cluster.ts";
import { eventually } from "./wait.ts";

const root = join(import.meta.dirname, "..", "..");
/** The logs of the last run stay here, a folder for each stage. */
const logs = join(root, ".tmp", "logs");

/** Of the agent's image. */
const agentUser = 60_910;

/** Whose rights a program has. */
export interface ServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

const controllerAccount: ServiceAccount = { namespace: "walras-system", name: "walras-controller" };

/** A running program of ours. */
export interface Program {
  readonly pid: number;
  /** What it has logged so far. */
  log(): Promise<string>;
  kill(signal: NodeJS.Signals): Promise<void>;
  /** When it has ended, of whatever. */
  readonly ended: Promise<unknown>;
}

/** A controller on this machine. */
export interface ControllerProgram extends Program {
  readonly agentPort: number;
  /** Of its ops port. */
  readonly url: string;
  metrics(): Promise<string>;
  /** What it shows under a path, as text. */
  view(path: string): Promise<string>;
}

/** Waits for the first agent. */
export async function agentConnected(controller: ControllerProgram): Promise<void> {
  await eventually(
    "the agent to connect",
    () => controller.metrics(),
    (text) => /^walras_agents 1$/m.test(text),
  );
}

/** What an agent is started with beside what it needs. */
export interface AgentOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** 0: root, without a capability. */
  readonly user?: number;
}

/** Starts controllers and agents on this machine with the rights they have in a cluster, and nothing more. */
export class Programs {
  readonly #cluster: Cluster;
  readonly folder = mkdtempSync(join(tmpdir(), "walras-e2e-"));
  readonly #running = new Set<Program>();
  readonly #kubeconfigs = new Map<string, Promise<string>>();
  readonly #recorders: CallRecorder[] = [];
  readonly #logs: string;
  #count = 0;

  /** @param name of the folder of the logs */
  constructor(cluster: Cluster, name: string) {
    this.#cluster = cluster;
    this.#logs = join(logs, name);
  }

  /** The controller's, once it is prepared. */
  get controllerKubeconfig(): string {
    return this.#kubeconfigFile(controllerAccount);
  }

  /** Certificates, kubeconfig and tokens; once. */
  async prepare(hosts: readonly string[] = []): Promise<void> {
    await chmod(this.folder, 0o755);
    const pem = await issue(["localhost", "127.0.0.1", "walras-controller.walras-system.svc", ...hosts], 2);
    await writeFile(join(this.folder, "ca.crt"), pem.authority);
    await writeFile(join(this.folder, "tls.crt"), pem.certificate);
    await writeFile(join(this.folder, "tls.key"), pem.key);
    await this.kubeconfigOf(controllerAccount);
  }

  async startController(
    options: {
      mode?: string;
      address?: string;
      args?: readonly string[];
      account?: ServiceAccount;
      /** It makes its certificate itself, in place of the one of this folder. */
      issues?: boolean;
    } = {},
  ): Promise<ControllerProgram> {
    const name = `controller-${++this.#count}`;
    const account = options.account ?? controllerAccount;
    const program = await this.#start(name, process.execPath, [
      join(root, "packages", "controller", "src", "main.ts"),
      `--kubeconfig=${await this.kubeconfigOf(account)}`,
      `--namespace=${account.namespace}`,
      `--mode=${options.mode ?? "full"}`,
      `--identity=${name}`,
      `--agent-address=${options.address ?? "127.0.0.1:0"}`,
      ...(options.issues
        ? ["--tls-issue=self"]
        : [`--tls-cert=${join(this.folder, "tls.crt")}`, `--tls-key=${join(this.folder, "tls.key")}`]),
      "--ops-host=127.0.0.1",
      "--ops-port=0",
      "--log-level=debug",
      ...(options.args ?? []),
    ]);
    const started = await eventually(
      `${name} to start`,
      () => startLine(program),
      (line) => line !== null,
      20_000,
    );
    const { agentPort, opsPort } = started ?? { agentPort: 0, opsPort: 0 };
    const url = `http://127.0.0.1:${opsPort}`;
    const view = async (path: string): Promise<string> => (await fetch(`${url}${path}`)).text();
    return { ...program, agentPort, url, view, metrics: () => view("/metrics") };
  }

  /** A controller that has heard of the agent of one node. */
  async startMarket(node: string): Promise<{ readonly controller: ControllerProgram; readonly agent: Program }> {
    const controller = await this.startController();
    const agent = await this.startAgent(node, [controller]);
    await agentConnected(controller);
    return { controller, agent };
  }

  /** An agent of a node, as its image's user, with a token that is bound to the node. */
  async startAgent(
    node: string,
    controllers: readonly Pick<ControllerProgram, "agentPort">[],
    { args = [], env = {}, user = agentUser }: AgentOptions = {},
  ): Promise<Program> {
    const token = join(this.folder, `token-${node}`);
    await writeFile(token, await this.agentToken(node));
    const addresses = controllers.map(({ agentPort }) => `127.0.0.1:${agentPort}`).join(",");
    const command = [
      `--reuid=${user}`,
      `--regid=${user}`,
      "--clear-groups",
      "--no-new-privs",
      "--bounding-set=-all",
      process.execPath,
      join(root, "packages", "node-agent", "src", "main.ts"),
      `--controller=ipv4:${addresses}`,
      `--node-name=${node}`,
      `--token-file=${token}`,
      `--ca-file=${join(this.folder, "ca.crt")}`,
      "--tls-server-name=localhost",
      ...args,
    ];
    return this.#start(`agent-${node}-${++this.#count}`, "setpriv", command, env);
  }

  async agentToken(node: string): Promise<string> {
    const uid = await this.#cluster.kubectl("get", "node", node, "-o", "jsonpath={.metadata.uid}");
    return this.#cluster.kubectl(
      "-n",
      "walras-system",
      "create",
      "token",
      "walras-agent",
      "--audience=walras-controller",
      "--duration=1h",
      "--bound-object-kind=Node",
      `--bound-object-name=${node}`,
      `--bound-object-uid=${uid}`,
    );
  }

  async stopAll(): Promise<void> {
    for (const program of this.#running) await program.kill("SIGKILL");
    for (const recorder of this.#recorders) recorder.stop();
    const filter = (file: string): boolean => file === this.folder || file.endsWith(".log");
    await rm(this.#logs, { recursive: true, force: true });
    await cp(this.folder, this.#logs, { recursive: true, filter });
    await rm(this.folder, { recursive: true, force: true });
  }

  async #start(
    name: string,
    command: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Program> {
    const file = join(this.folder, `${name}.log`);
    await mkdir(this.folder, { recursive: true });
    const child = execa(command, args, {
      stdin: "ignore",
      stdout: { file },
      stderr: { file },
      reject: false,
      env: { NODE_COMPILE_CACHE: "", ...env },
    });
    const program: Program = {
      pid: child.pid ?? 0,
      log: () => readFile(file, "utf8").catch(() => ""),
      kill: async (signal) => {
        child.kill(signal);
        await child;
        this.#running.delete(program);
      },
      ended: child.then(() => undefined),
    };
    this.#running.add(program);
    return program;
  }

  /**
   * A program runs with the rights of its service account alone, so that a missing right fails here; what it does with
   * them is recorded.
   *
   * @returns the file, the same each time: a program may be started again while the API server is away
   */
  kubeconfigOf(account: ServiceAccount): Promise<string> {
    const file = this.#kubeconfigFile(account);
    const written = this.#kubeconfigs.get(file) ?? this.#writeKubeconfig(file, account);
    this.#kubeconfigs.set(file, written);
    return written;
  }

  #kubeconfigFile({ namespace, name }: ServiceAccount): string {
    return join(this.folder, `${namespace}-${name}.kubeconfig`);
  }

  async #writeKubeconfig(file: string, { namespace, name: account }: ServiceAccount): Promise<string> {
    const view = ["config", "view", "--raw", "--minify", "--flatten", "-o", "json"];
    const token = await this.#cluster.kubectl("-n", namespace, "create", "token", account, "--duration=24h");
    const config = JSON.parse(await this.#cluster.kubectl(...view)) as Kubeconfig;
    const [upstream] = config.clusters;
    if (upstream === undefined) throw new Error("the kubeconfig names no cluster");
    const recorder = await CallRecorder.start(`${namespace}/${account}`, upstream.cluster);
    this.#recorders.push(recorder);
    const clusters = [{ name: upstream.name, cluster: { server: recorder.url } }];
    const users = config.users.map(({ name }) => ({ name, user: { token } }));
    await writeFile(file, JSON.stringify({ ...config, clusters, users }));
    return file;
  }

  /** Some program of ours, with what it reads from its environment. */
  start(
    name: string,
    script: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Program> {
    return this.#start(name, process.execPath, [join(root, script), ...args], env);
  }
}

/** What kubectl shows of the administrator's. */
interface Kubeconfig {
  readonly clusters: readonly { readonly name: string; readonly cluster: Upstream }[];
  readonly users: readonly { readonly name: string }[];
}

async function startLine(program: Program): Promise<{ agentPort: number; opsPort: number } | null> {
  const line = (await program.log()).split("\n").find((one) => one.includes('"controller started"'));
  return line ? (JSON.parse(line) as { agentPort: number; opsPort: number }) : null;
}
