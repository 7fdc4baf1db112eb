import type { Clock } from "@walras/kit";
import type { IdentityRequest, ServerIdentity } from "@walras/kit/certificates";

import { bundleOf, type Dated, dated, type Held, heldIn, textsOf } from "./held.ts";
import type { SecretPort, StoredSecret, StoredTrust, TrustPort } from "./ports.ts";
import { begun, promoted, rotation, type RotationStep, stepOf } from "./rotation.ts";

/** What is told while certificates are kept. */
export interface KeeperTeller<Stored extends StoredTrust> {
  /** It was looked where peers are told whom to trust. @returns why they cannot be told; null: they can */
  looked(told: Stored | null): string | null;
  rotated(step: RotationStep, held: Held): void;
  /** Peers were told to trust these authorities from now on. */
  trusted(bundle: string): void;
}

export interface KeeperOptions<Stored extends StoredTrust> {
  readonly secret: SecretPort;
  readonly trust: TrustPort<Stored>;
  readonly names: {
    /** "the webhook's certificate" */
    readonly certificate: string;
    /** Where peers are told whom to trust. */
    readonly trust: string;
    /** Common name of the authorities; a date follows it. */
    readonly authority: string;
  };
  /** DNS names of the server. */
  readonly hosts: readonly string[];
  readonly issue: (wanted: IdentityRequest) => Promise<ServerIdentity>;
  /** New connections are served with it. */
  readonly serve: (identity: ServerIdentity, untilMs: number) => void;
  /** Whether this replica may write; one that may not serves what another has written. */
  readonly mayWrite: () => boolean;
  readonly teller: KeeperTeller<Stored>;
  readonly clock: Clock;
}

/** Replicas that begin together read each other's certificate at the second try. */
const mostTries = 4;

/**
 * Keeps a certificate that is served and that peers trust. Each write is refused where another replica was before it, and what that
 * one has written is as good: replicas can do so side by side, and none fights another.
 */
export class CertificateKeeper<Stored extends StoredTrust> {
  readonly #options: KeeperOptions<Stored>;
  #served: Dated | null = null;
  #trouble: string | null = null;
  #trusted: { readonly authority: string; readonly sinceMs: number } | null = null;

  constructor(options: KeeperOptions<Stored>) {
    this.#options = options;
  }

  /** Why peers cannot connect; empty: they can. */
  notReady(): readonly string[] {
    return [this.#served ? null : this.#options.names.certificate, this.#trouble].filter((trouble) => trouble !== null);
  }

  /** @throws KubeError where the API server cannot be asked: what is known stays as it is */
  async keep(): Promise<void> {
    for (let tries = 1; tries <= mostTries; tries += 1) if (await this.#round()) return;
    const { certificate, trust } = this.#options.names;
    throw new Error(`others write ${certificate} or ${trust} all the time, ${mostTries} tries`);
  }

  /**
   * Where peers are told whom to trust is read before the Secret: a replica that then finds it as it was cannot take back what another
   * has read from a newer Secret.
   *
   * @returns false: another replica was first
   */
  async #round(): Promise<boolean> {
    const told = await this.#options.trust.read();
    const stored = await this.#options.secret.read();
    const held = await this.#rotated(stored, told);
    if (held === "lost") return false;
    if (held === null) return true;
    if (!(await this.#trust(held, told))) return false;
    this.#serve(held.current);
    return true;
  }

  /** @returns null: there is none, and it is another's to make one */
  async #rotated(stored: StoredSecret | null, told: Stored | null): Promise<Held | null | "lost"> {
    const { clock, secret, hosts, mayWrite } = this.#options;
    const held = stored && heldIn(stored.texts, hosts);
    const step = stepOf(held, clock.wallMs(), this.#trustedMs(held?.next ?? null, told));
    if (step === "keep" || !mayWrite()) return held;
    const next = await this.#after(step, held);
    if (!(await secret.write(textsOf(next), stored))) return "lost";
    this.#options.teller.rotated(step, next);
    return next;
  }

  async #after(step: RotationStep, held: Held | null): Promise<Held> {
    if (step === "begin" || !held) return begun(await this.#issue(), held?.current ?? this.#served);
    return step === "stage" ? { ...held, next: await this.#issue() } : promoted(held);
  }

  /** For how long peers have been seen to be told the authority of the next certificate. */
  #trustedMs(next: Dated | null, told: Stored | null): number {
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
    const { issue, clock, names, hosts } = this.#options;
    const nowMs = clock.wallMs();
    const identity = await issue({
      hosts,
      // OpenSSL takes the first authority of a name, whether it is the right one or not.
      authority: `${names.authority} ${new Date(nowMs).toISOString()}`,
      server: (hosts[0] ?? "").slice(0, longestCommonName),
      fromMs: nowMs - rotation.backdatedMs,
      untilMs: nowMs + rotation.lifetimeMs,
    });
    return dated(identity, hosts);
  }

  #serve(current: Dated): void {
    if (this.#served?.identity.certificate === current.identity.certificate) return;
    this.#options.serve(current.identity, current.untilMs);
    this.#served = current;
  }

  async #trust(held: Held, told: Stored | null): Promise<boolean> {
    const { clock, trust, names, teller, mayWrite } = this.#options;
    this.#trouble = teller.looked(told);
    if (!told || this.#trouble !== null) return true;
    const bundle = bundleOf(held, clock.wallMs());
    if (told.bundles.every((known) => known === bundle)) return true;
    if (!trusts(told, held.current)) this.#trouble = `${names.trust} does not trust ${names.certificate}`;
    if (!mayWrite()) return true;
    if (!(await trust.write(bundle, told))) return false;
    this.#trouble = null;
    teller.trusted(bundle);
    return true;
  }
}

/** RFC 5280's; nobody looks at it where there are alternative names. */
const longestCommonName = 64;

function trusts({ bundles }: StoredTrust, { identity }: Dated): boolean {
  return bundles.length > 0 && bundles.every((bundle) => bundle.includes(identity.authority.trim()));
}

const done: Readonly<Record<RotationStep, string>> = {
  keep: "a certificate was kept",
  begin: "a certificate was made",
  stage: "the next certificate was made, and is served when its authority is trusted everywhere",
  promote: "the next certificate is served",
};

/** What was done, as a sentence. */
export function rotationOf(step: RotationStep, { current, next }: Held): string {
  return `${done[step]}, valid until ${new Date((next ?? current).untilMs).toISOString()}`;
}

/** "2 of our authorities" */
export function authoritiesIn(bundle: string): string {
  return `${bundle.split("-----BEGIN CERTIFICATE-----").length - 1} of our authorities`;
}
