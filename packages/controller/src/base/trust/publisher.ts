import type { Clock } from "@walras/kit";

import { certificateIn } from "./held.ts";
import type { KeeperTeller } from "./keeper.ts";
import type { StoredTrust, TrustPort } from "./ports.ts";

interface PublisherOptions<Stored extends StoredTrust> {
  /** PEM of the authority as it is now. */
  readonly authority: () => Promise<string>;
  readonly trust: TrustPort<Stored>;
  readonly mayWrite: () => boolean;
  readonly teller: Pick<KeeperTeller<Stored>, "looked" | "trusted">;
  readonly clock: Clock;
}

/** Tells peers the authority of a certificate that somebody else makes. */
export class AuthorityPublisher<Stored extends StoredTrust> {
  readonly #options: PublisherOptions<Stored>;

  constructor(options: PublisherOptions<Stored>) {
    this.#options = options;
  }

  /** @throws KubeError where the API server cannot be asked; Error where the authority cannot be read */
  async publish(): Promise<void> {
    const { authority, trust, mayWrite, teller, clock } = this.#options;
    if (!mayWrite()) return;
    const own = await authority();
    const told = await trust.read();
    if (teller.looked(told) !== null || !told) return;
    const [known = ""] = told.bundles;
    const bundle = overlapped(own, known, clock.wallMs());
    // Where another was first, the next look finds what that one has written.
    if (bundle !== known && (await trust.write(bundle, told))) teller.trusted(bundle);
  }
}

/**
 * The authority that holds, and after it those that peers were told before, until they end: what is served changes at another moment
 * than what peers have.
 *
 * @throws Error where there is no certificate in what holds
 */
export function overlapped(own: string, known: string, nowMs: number): string {
  const now = certificatesIn(own);
  if (now.length === 0) throw new Error("there is no certificate in it");
  const before = certificatesIn(known).filter(
    (pem) => !now.includes(pem) && (certificateIn(pem)?.validToDate.getTime() ?? 0) > nowMs,
  );
  return [...now, ...before].join("");
}

function certificatesIn(bundle: string): readonly string[] {
  const found = bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return [...new Set(found.filter((pem) => certificateIn(pem)).map((pem) => `${pem}\n`))];
}
