import type { Clock } from "@walras/kit";
import type { IdentityRequest, ServerIdentity } from "@walras/kit/certificates";
import type { ObjectName } from "@walras/kube";

import type { Teller } from "../../../../base/told/teller.ts";
import type { admissionVerdicts } from "../verdicts.ts";
import { bundleOf, type Dated, dated, type Held, heldIn, textsOf } from "./held.ts";
import { configurationResource } from "./kube.ts";
import type { SecretPort, StoredSecret, StoredTrust, TrustPort } from "./ports.ts";
import { begun, promoted, rotation, type RotationStep, stepOf } from "./rotation.ts";

export interface KeeperOptions {
  readonly secret: SecretPort;
  readonly trust: TrustPort;
  readonly names: { readonly secret: ObjectName; readonly configuration: string; readonly service: ObjectName };
  readonly issue: (wanted: IdentityRequest) => Promise<ServerIdentity>;
  /** New connections are served with it. */
  readonly serve: (identity: ServerIdentity, untilMs: number) => void;
  readonly teller: Pick<Teller<typeof admissionVerdicts>, "tell" | "tellOnce">;
  readonly clock: Clock;
}

/** Replicas that begin together read each other's certificate at the second try. */
const mostTries = 4;

/**
 * Keeps a certificate that is served and that the API servers trust. Replicas do so side by side, without a leader: each write is
 * refused where another was before it, and what the other has written is as good.
 */
export class CertificateKeeper {
  readonly #options: KeeperOptions;
  readonly #hosts: readonly string[];
  #served: Dated | null = null;
  #trouble: string | null = null;
  #trusted: { readonly authority: string; readonly sinceMs: number } | null = null;
  #uid = "";

  constructor(options: KeeperOptions) {
    this.#options = options;
    const { namespace, name } = options.names.service;
    this.#hosts = [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`];
  }

  /** Why the API servers cannot ask; empty: they can. */
  notReady(): readonly string[] {
    return [this.#served ? null : "the webhook's certificate", this.#trouble].filter((trouble) => trouble !== null);
  }

  /** @throws KubeError where the API server cannot be asked: what is known stays as it is */
  async keep(): Promise<void> {
    for (let tries = 1; tries <= mostTries; tries += 1) if (await this.#round()) return;
    throw new Error(`others write the webhook's certificate or configuration all the time, ${mostTries} tries`);
  }

  /**
   * The configuration is read before the Secret: a replica that then finds it as it was cannot take back what another has read from
   * a newer Secret.
   *
   * @returns false: another replica was first
   */
  async #round(): Promise<boolean> {
    const told = await this.#options.trust.read();
    const stored = await this.#options.secret.read();
    const held = await this.#rotated(stored, told);
    if (!held) return false;
    if (!(await this.#trust(held, told))) return false;
    this.#serve(held.current);
    return true;
  }

  async #rotated(stored: StoredSecret | null, told: StoredTrust | null): Promise<Held | null> {
    const { clock, secret } = this.#options;
    const held = stored && heldIn(stored.texts, this.#hosts);
    const step = stepOf(held, clock.wallMs(), this.#trustedMs(held?.next ?? null, told));
    if (step === "keep") return held;
    const next = await this.#after(step, held);
    if (!(await secret.write(textsOf(next), stored))) return null;
    this.#tellRotation(step, next);
    return next;
  }

  async #after(step: RotationStep, held: Held | null): Promise<Held> {
    if (step === "begin" || !held) return begun(await this.#issue(), held?.current ?? this.#served);
    return step === "stage" ? { ...held, next: await this.#issue() } : promoted(held);
  }

  /** For how long the configuration has been seen with the authority of the next certificate. */
  #trustedMs(next: Dated | null, told: StoredTrust | null): number {
    const nowMs = this.#options.clock.monotonicMs();
    if (!next || !told || !trusts(told, next)) {
      this.#trusted = null;
      return 0;
    }
    const { authority } = next.identity;
    if (this.#trusted?.authority !== authority) this.#trusted = { authority, sinceMs: nowMs };
    return nowMs - this.#trusted.sinceMs;
  }

  async #issue(): Promise<Dated> {
    const { issue, clock, names } = this.#options;
    const nowMs = clock.wallMs();
    const server = this.#hosts[0] ?? "";
    const identity = await issue({
      hosts: this.#hosts,
      // OpenSSL takes the first authority of a name, whether it is the right one or not.
      authority: `${names.service.name} ${new Date(nowMs).toISOString()}`,
      server: server.slice(0, longestCommonName),
      fromMs: nowMs - rotation.backdatedMs,
      untilMs: nowMs + rotation.lifetimeMs,
    });
    return dated(identity, this.#hosts);
  }

  #serve(current: Dated): void {
    if (this.#served?.identity.certificate === current.identity.certificate) return;
    this.#options.serve(current.identity, current.untilMs);
    this.#served = current;
  }

  async #trust(held: Held, told: StoredTrust | null): Promise<boolean> {
    const { clock, trust, names } = this.#options;
    this.#uid = told?.uid ?? this.#uid;
    const missing = missingOf(told, names);
    this.#trouble = missing;
    this.#tellOnce("WebhookMissing", missing);
    this.#tellOnce("WebhookUnguarded", told?.unguarded ? unguarded(names.configuration) : null);
    if (!told || missing !== null) return true;
    const bundle = bundleOf(held, clock.wallMs());
    if (told.bundles.every((known) => known === bundle)) return true;
    if (!trusts(told, held.current)) this.#trouble = `${names.configuration} does not trust the webhook's certificate`;
    if (!(await trust.write(bundle, told))) return false;
    this.#trouble = null;
    this.#options.teller.tell({ object: this.#configuration(), verdict: "WebhookTrusted", reason: trusted(bundle) });
    return true;
  }

  /** @param reason null: it does not hold */
  #tellOnce(verdict: "WebhookMissing" | "WebhookUnguarded", reason: string | null): void {
    const told = reason === null ? undefined : { object: this.#configuration(), verdict, reason };
    this.#options.teller.tellOnce(verdict, told);
  }

  #tellRotation(step: RotationStep, { current, next }: Held): void {
    const { names, teller } = this.#options;
    const object = { apiVersion: "v1", kind: "Secret", ...names.secret, uid: "" };
    const until = new Date((next ?? current).untilMs).toISOString();
    teller.tell({ object, verdict: "WebhookCertificate", reason: `${done[step]}, valid until ${until}` });
  }

  #configuration(): { apiVersion: string; kind: string; namespace: string; name: string; uid: string } {
    const { apiVersion, kind } = configurationResource;
    return { apiVersion, kind, namespace: "", name: this.#options.names.configuration, uid: this.#uid };
  }
}

/** RFC 5280's; nobody looks at it where there are alternative names. */
const longestCommonName = 64;

const done: Readonly<Record<RotationStep, string>> = {
  keep: "a certificate was kept",
  begin: "a certificate was made",
  stage: "the next certificate was made, and is served when its authority is trusted everywhere",
  promote: "the next certificate is served",
};

function trusts({ bundles }: StoredTrust, { identity }: Dated): boolean {
  return bundles.length > 0 && bundles.every((bundle) => bundle.includes(identity.authority.trim()));
}

function trusted(bundle: string): string {
  return `caBundle has ${bundle.split("-----BEGIN CERTIFICATE-----").length - 1} of our authorities`;
}

function unguarded(configuration: string): string {
  return `${configuration} has no matchConditions: while no replica answers, nobody can create pods of any scheduler`;
}

function missingOf(told: StoredTrust | null, { configuration, service }: KeeperOptions["names"]): string | null {
  if (!told) return `${configuration} is not there: pods get no CUDA_VISIBLE_DEVICES until it is applied again`;
  if (told.bundles.length > 0) return null;
  return `${configuration} has no webhook whose service is ${service.namespace}/${service.name}`;
}
