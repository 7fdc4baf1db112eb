import { readFileSync } from "node:fs";

import { errorAt } from "@walras/kit";

import type { ArgoPolicy } from "../config/policy.ts";
import { ArgoClient } from "./client.ts";
import type { ArgoActor, ArgoChanges, ArgoReader } from "./port.ts";
import { tokenSource } from "./token.ts";

export interface ArgoLinkOptions {
  /** As configured now. */
  readonly policy: () => ArgoPolicy;
  readonly env: NodeJS.ProcessEnv;
  readonly monotonicMs: () => number;
  readonly onUnreadable: (error: unknown) => void;
}

type Argo = ArgoReader & ArgoActor & ArgoChanges;

/** Argo CD as the policy of this moment names it: another address or authority is another client. */
export class ArgoLink implements Argo {
  readonly #options: ArgoLinkOptions;
  #policy: ArgoPolicy | null = null;
  #client: ArgoClient | null = null;

  constructor(options: ArgoLinkOptions) {
    this.#options = options;
  }

  list: Argo["list"] = (signal) => this.#now().list(signal);
  stream: Argo["stream"] = (signal) => this.#now().stream(signal);
  get: Argo["get"] = (ref, project, signal) => this.#now().get(ref, project, signal);
  seesAll: Argo["seesAll"] = (signal) => this.#now().seesAll(signal);
  refresh: Argo["refresh"] = (ref, project, signal) => this.#now().refresh(ref, project, signal);
  sync: Argo["sync"] = (request, signal) => this.#now().sync(request, signal);
  terminate: Argo["terminate"] = (ref, project, signal) => this.#now().terminate(ref, project, signal);
  managedResources: Argo["managedResources"] = (ref, project, signal) =>
    this.#now().managedResources(ref, project, signal);

  /** The policy may name another: what still goes on with the one before, ends. */
  renew(): void {
    const policy = this.#options.policy();
    if (!this.#policy || sameArgo(this.#policy, policy)) return;
    void this.#client?.close();
    this.#client = null;
  }

  async close(): Promise<void> {
    await this.#client?.close();
  }

  #now(): ArgoClient {
    const policy = this.#options.policy();
    if (this.#client && this.#policy && sameArgo(this.#policy, policy)) return this.#client;
    this.renew();
    this.#client = null;
    this.#policy = policy;
    this.#client = this.#connect(policy);
    return this.#client;
  }

  #connect({ baseUrl, tokenFile, tokenEnv, verifyTls, caFile, appNamespace }: ArgoPolicy): ArgoClient {
    const { env, monotonicMs, onUnreadable } = this.#options;
    const tokens = tokenSource({ file: tokenFile, variable: tokenEnv }, env, monotonicMs);
    return new ArgoClient({
      baseUrl,
      token: () => tokens.read(),
      onUnauthorized: () => tokens.lookAgain(),
      verifyTls,
      caPem: caFile === null ? undefined : readCa(caFile),
      appNamespace,
      onUnreadable,
    });
  }
}

function sameArgo(one: ArgoPolicy, other: ArgoPolicy): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function readCa(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw errorAt("argo.ca_file", file, `cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
  }
}
