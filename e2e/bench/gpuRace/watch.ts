import { readFile } from "node:fs/promises";
import { type IncomingMessage } from "node:http";
import { request } from "node:https";

import { parse } from "yaml";

import type { Change } from "./checker.ts";

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: { readonly server: string } }[];
  readonly users: readonly { readonly user: { readonly token?: string } }[];
}

interface Raw {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly schedulerName?: string;
    readonly resourceClaims?: readonly { readonly resourceClaimName?: string }[];
  };
  readonly status?: {
    readonly allocation?: {
      readonly devices?: { readonly results?: readonly { readonly pool: string; readonly device: string }[] };
    };
    readonly reservedFor?: readonly { readonly uid: string }[];
  };
}

/** Everything that happens to pods and claims of a namespace, as the API server tells it. */
export class Witness {
  readonly changes: Change[] = [];
  readonly #open: IncomingMessage[] = [];
  readonly #lost: string[] = [];
  readonly #latest = new Map<string, Change>();

  /** Before there is anything in the namespace. */
  static async start(kubeconfig: string, namespace: string): Promise<Witness> {
    const { clusters, users } = parse(await readFile(kubeconfig, "utf8")) as Kubeconfig;
    const server = clusters[0]?.cluster.server ?? "";
    const token = users[0]?.user.token ?? "";
    const witness = new Witness();
    await witness.#watch(new URL(`/api/v1/namespaces/${namespace}/pods?watch=true`, server), token, podChange);
    const claims = `/apis/resource.k8s.io/v1/namespaces/${namespace}/resourceclaims?watch=true`;
    await witness.#watch(new URL(claims, server), token, claimChange);
    return witness;
  }

  /** As of now. */
  pods(): readonly Change[] {
    return [...this.#latest.values()].filter(({ kind }) => kind === "pod");
  }

  /** @throws Error where it has not seen everything */
  stop(): readonly Change[] {
    if (this.#lost.length > 0) throw new Error(`a watch has ended: ${this.#lost.join(", ")}`);
    for (const answer of this.#open) answer.destroy();
    return this.changes;
  }

  #watch(url: URL, token: string, read: (raw: Raw) => Change): Promise<void> {
    return new Promise((resolve, reject) => {
      // It is the testbed's own certificate.
      const asked = request(
        url,
        { headers: { authorization: `Bearer ${token}` }, rejectUnauthorized: false },
        (answer) => {
          if (answer.statusCode !== 200) {
            reject(new Error(`${url.pathname}: ${answer.statusCode}`));
            return;
          }
          this.#open.push(answer);
          this.#read(answer, url.pathname, read);
          resolve();
        },
      );
      asked.on("error", reject);
      asked.end();
    });
  }

  #read(answer: IncomingMessage, path: string, read: (raw: Raw) => Change): void {
    let rest = "";
    answer.setEncoding("utf8");
    answer.on("data", (text: string) => {
      const lines = `${rest}${text}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#take(line, read);
    });
    answer.on("end", () => this.#lost.push(path));
  }

  #take(line: string, read: (raw: Raw) => Change): void {
    const { type, object } = JSON.parse(line) as { readonly type: string; readonly object: Raw };
    if (type === "ERROR") throw new Error(`the watch failed: ${line}`);
    const change = { ...read(object), gone: type === "DELETED" };
    this.changes.push(change);
    const key = `${change.kind} ${change.name}`;
    if (change.gone) this.#latest.delete(key);
    else this.#latest.set(key, change);
  }
}

function common({ metadata }: Raw): Pick<Change, "version" | "name" | "uid" | "gone"> {
  return { version: Number(metadata.resourceVersion), name: metadata.name, uid: metadata.uid, gone: false };
}

function podChange(raw: Raw): Change {
  const { nodeName = "", schedulerName = "", resourceClaims = [] } = raw.spec;
  const claims = resourceClaims.flatMap(({ resourceClaimName }) => resourceClaimName ?? []);
  return { ...common(raw), kind: "pod", node: nodeName, scheduler: schedulerName, claims };
}

function claimChange(raw: Raw): Change {
  const { allocation, reservedFor = [] } = raw.status ?? {};
  const devices = (allocation?.devices?.results ?? []).map(({ pool, device }) => `${pool}/${device}`);
  return { ...common(raw), kind: "claim", devices, users: reservedFor.map(({ uid }) => uid) };
}
