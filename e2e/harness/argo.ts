import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { type ApplicationState, applicationResource } from "@walras/controller/carla";
import { execa } from "execa";

import type { Cluster } from "./cluster.ts";
import { eventually } from "./wait.ts";

const checkout = join(import.meta.dirname, "..", "..");
/** The testbed's Argo CD. */
export const argoUrl = "http://127.0.0.1:8083";

/** A token of the account that may get and sync. */
export async function carlaToken(): Promise<string> {
  const id = `e2e-${process.pid}-${performance.now().toFixed(0)}`;
  return (await post("/api/v1/account/carla/token", { expiresIn: 86_400, id }, await adminToken())).token;
}

/** A token of who may do everything. */
export async function adminToken(): Promise<string> {
  return (await post("/api/v1/session", { username: "admin", password: "admin" })).token;
}

/** Argo CD's own command line. */
export async function argocd(token: string, ...args: readonly string[]): Promise<string> {
  const server = ["--server", URL.parse(argoUrl)?.host ?? "", "--plaintext", "--auth-token", token];
  const program = join(process.env["TESTBED_HOME"] ?? "/var/tmp/testbed", "bin", "argocd");
  return (await execa(program, [...args, ...server], { stdin: "ignore" })).stdout;
}

async function post(path: string, body: object, token = ""): Promise<{ readonly token: string }> {
  const answer = await fetch(`${argoUrl}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as { token: string };
}

/** A git repository on this machine, as Argo CD reads it. */
export class GitRepository {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<GitRepository> {
    const repository = new GitRepository(await mkdtemp(join(tmpdir(), "walras-git-")));
    await repository.#git("init", "--quiet", "--initial-branch=main");
    return repository;
  }

  get url(): string {
    return `file://${this.folder}`;
  }

  /** Copies a folder of this checkout to the same place, links as what they lead to; with the next commit. */
  async take(folder: string): Promise<void> {
    await cp(join(checkout, folder), join(this.folder, folder), { recursive: true, dereference: true });
  }

  /** Writes the files, or removes them where null, and commits that. @returns the commit */
  async commit(files: Readonly<Record<string, string | null>>): Promise<string> {
    for (const [path, text] of Object.entries(files)) {
      const file = join(this.folder, path);
      await mkdir(dirname(file), { recursive: true });
      await (text === null ? rm(file) : writeFile(file, text));
    }
    await this.#git("add", "--all");
    await this.#git("-c", "user.name=e2e", "-c", "user.email=e2e@example.org", "commit", "--quiet", "-m", "change");
    return (await execa("git", ["rev-parse", "HEAD"], { cwd: this.folder })).stdout;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  async #git(...args: string[]): Promise<void> {
    await execa("git", args, { cwd: this.folder });
  }
}

/** A project that allows everything, also to Applications outside of Argo CD's own namespace. */
export async function createProject(cluster: Cluster, name: string): Promise<void> {
  const resource = { apiVersion: "argoproj.io/v1alpha1", kind: "AppProject", plural: "appprojects", namespaced: true };
  await cluster.create(resource, "argocd", {
    metadata: { name },
    spec: {
      sourceRepos: ["*"],
      sourceNamespaces: ["*"],
      destinations: [{ server: "*", namespace: "*" }],
      clusterResourceWhitelist: [{ group: "*", kind: "*" }],
    },
  });
}

/** Opens or closes a sync window of the project that lets nobody sync; done when the API server knows. */
export async function denySyncs(
  cluster: Cluster,
  of: { readonly project: string; readonly application: string; readonly token: string },
  denied: boolean,
): Promise<void> {
  const window = { kind: "deny", schedule: "* * * * *", duration: "24h", applications: ["*"], manualSync: false };
  const patch = JSON.stringify({ spec: { syncWindows: denied ? [window] : null } });
  await cluster.kubectl("-n", "argocd", "patch", "appproject", of.project, "--type=merge", `--patch=${patch}`);
  const path = `/api/v1/applications/${of.application}/syncwindows?project=${of.project}`;
  const headers = { authorization: `Bearer ${of.token}` };
  await eventually(
    "the sync window to count",
    async () => (await (await fetch(`${argoUrl}${path}`, { headers })).json()) as { readonly canSync?: boolean },
    ({ canSync = false }) => canSync !== denied,
  );
}

/** Where an Application's manifests are, and where they go. */
export interface ApplicationSpec {
  readonly namespace: string;
  readonly name: string;
  readonly project: string;
  readonly url: string;
  /** Several: a multi-source Application. */
  readonly paths: readonly string[];
  readonly into: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export async function createApplication(cluster: Cluster, spec: ApplicationSpec): Promise<void> {
  const sources = spec.paths.map((path) => ({ repoURL: spec.url, path, targetRevision: "main" }));
  await cluster.create(applicationResource, spec.namespace, {
    metadata: { name: spec.name, namespace: spec.namespace, labels: spec.labels ?? {} },
    spec: {
      project: spec.project,
      ...(sources.length > 1 ? { sources } : { source: sources[0] }),
      destination: { server: "https://kubernetes.default.svc", namespace: spec.into },
    },
  });
}

/** An Application as the API server has it. */
export interface LiveApplication {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly status?: {
    readonly sync?: { readonly status?: string; readonly revision?: string; readonly revisions?: readonly string[] };
    readonly health?: { readonly status?: string };
    readonly history?: readonly {
      readonly revision?: string;
      readonly revisions?: readonly string[];
      readonly deployedAt: string;
    }[];
    readonly operationState?: {
      readonly phase?: string;
      readonly startedAt?: string;
      readonly finishedAt?: string;
      readonly operation?: { readonly info?: readonly { readonly name: string; readonly value: string }[] };
    };
  };
}

/** Asks Argo CD to compare at once, as its webhook would. */
export async function compare(cluster: Cluster, namespace: string, name: string): Promise<void> {
  await cluster.kubectl(
    "-n",
    namespace,
    "annotate",
    "application",
    name,
    "argocd.argoproj.io/refresh=normal",
    "--overwrite",
  );
}

export async function liveApplication(cluster: Cluster, namespace: string, name: string): Promise<LiveApplication> {
  return JSON.parse(
    await cluster.kubectl("-n", namespace, "get", "application", name, "-o", "json"),
  ) as LiveApplication;
}

/** Waits until Argo CD has the Application so. */
export function application(
  cluster: Cluster,
  key: readonly [string, string],
  sync: ApplicationState["sync"],
  health?: ApplicationState["health"],
): Promise<LiveApplication> {
  return eventually(
    `application ${key.join("/")} to be ${sync} ${health ?? ""}`,
    () => liveApplication(cluster, ...key),
    ({ status }) => status?.sync?.status === sync && (health === undefined || status.health?.status === health),
    90_000,
  );
}
