import type { ObjectRef } from "../../../base/told/decision.ts";
import type { Teller, Told } from "../../../base/told/teller.ts";
import type { Outcome, Release } from "../act/release.ts";
import type { ApplicationState } from "../argocd/port.ts";
import { type OverrideState, timesOf } from "../config/consent.ts";
import type { HoldReason, ReleaseDecision } from "../decide/decision.ts";
import { type carlaVerdicts, heldVerdict } from "./verdicts.ts";

type Say = Omit<Told<typeof carlaVerdicts>, "object">;

/** Holds that pass by themselves in a moment. */
const passing: ReadonlySet<HoldReason> = new Set(["in_flight", "no_room_now", "unknown_change"]);

/** Tells on each Application what is decided about it, once each time that changes. */
export class ReleaseEvents {
  readonly #teller: Teller<typeof carlaVerdicts>;
  readonly #find: (app: string) => ApplicationState | undefined;
  /** Applications that are known to be held. */
  readonly #held = new Set<string>();

  constructor(teller: Teller<typeof carlaVerdicts>, find: (app: string) => ApplicationState | undefined) {
    this.#teller = teller;
    this.#find = find;
  }

  decided({ held }: ReleaseDecision): void {
    const names = new Set(held.map(({ name }) => name));
    for (const name of this.#held) if (!names.has(name)) this.#over(name);
    for (const { name, reason, detail, score } of held) {
      if (passing.has(reason)) continue;
      const said = `${detail} (score ${score.total.toFixed(3)})`;
      this.#once(name, "hold", { verdict: heldVerdict(reason), reason: said, numbers: { score: score.total } }, reason);
    }
  }

  /** Those that need an approval hear of one for all of them. */
  overridden({ selected, held }: ReleaseDecision, highRisk: number, override: NamedOverride): void {
    for (const { name, risk } of [...selected, ...held]) {
      const said = risk >= highRisk ? overrideSaid(override) : null;
      if (said) this.#once(name, "override", said);
      else this.#teller.over(`${name} override`);
    }
  }

  asked({ app, id, revisions, rollback }: Release, approvedBy: string | null): void {
    const what = revisions.length > 0 ? `revision ${revisions.join("+")}` : "the target revision";
    const consent = approvedBy === null ? "" : `, approved by ${approvedBy}`;
    const verdict = rollback ? "ReleaseRolledBack" : "ReleaseStarted";
    this.#say(app, { verdict, reason: `release ${id}: ${what}${consent}` });
  }

  ended({ app, id }: Release, outcome: Outcome, tookMs: number): void {
    const seconds = tookMs / 1000;
    const after = `after ${seconds.toFixed(1)} s`;
    const numbers = { seconds };
    if (outcome.kind === "succeeded") {
      const still = outcome.outOfSync ? "; Argo CD calls it OutOfSync all the same" : "";
      this.#say(app, { verdict: "ReleaseSucceeded", reason: `release ${id}: healthy ${after}${still}`, numbers });
    } else {
      const verdict = outcome.kind === "failed" ? "ReleaseFailed" : "ReleaseWithdrawn";
      this.#say(app, { verdict, reason: `release ${id}: ${outcome.reason} ${after}: ${outcome.message}`, numbers });
    }
  }

  refused(app: string, message: string): void {
    this.#say(app, { verdict: "ReleaseRefused", reason: message });
  }

  invalid(app: string, message: string): void {
    this.#once(app, "annotation", { verdict: "InvalidAnnotation", reason: message });
  }

  #say(app: string, said: Say): void {
    const object = this.#ref(app);
    if (object) this.#teller.tell({ ...said, object });
  }

  /** One that Argo CD does not know is not told of, and is when it does. */
  #once(app: string, matter: string, said: Say, gist?: string): void {
    const object = this.#ref(app);
    if (!object) return;
    if (matter === "hold") this.#held.add(app);
    this.#teller.tellOnce(`${app} ${matter}`, { ...said, object }, gist);
  }

  #over(app: string): void {
    this.#held.delete(app);
    this.#teller.over(`${app} hold`);
  }

  #ref(app: string): ObjectRef | undefined {
    const application = this.#find(app);
    if (!application) return undefined;
    const { namespace, name, uid } = application;
    return { apiVersion: "argoproj.io/v1alpha1", kind: "Application", namespace, name, uid };
  }
}

/** The override file, with what it comes to. */
export type NamedOverride = OverrideState & { readonly file: string };

function overrideSaid({ file, kind, detail, ...times }: NamedOverride): Say | null {
  const { from, until } = timesOf(times);
  if (kind === "in force")
    return {
      verdict: "OverrideInForce",
      reason: `${file} approves every high-risk release from ${from} until ${until}`,
    };
  return kind === "held" ? { verdict: "OverrideHeld", reason: `${file} approves nothing: ${detail}` } : null;
}
