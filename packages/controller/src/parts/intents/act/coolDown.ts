import type { Action } from "../decide/snapshot.ts";

/** What is refused again and again is asked for ever less often, up to this. */
const longestMs = 600_000;

interface Use {
  readonly atMs: number;
  readonly waitMs: number;
  readonly failures: number;
}

/**
 * When each actuator may be used again for an intent. What grows and what
 * shrinks cool down by themselves, so that what was taken too much is given
 * back at once.
 */
export class CoolDowns {
  readonly #coolDownMs: number;
  readonly #uses = new Map<string, Map<string, Use>>();

  constructor(coolDownMs: number) {
    this.#coolDownMs = coolDownMs;
  }

  /** Why the plan has to wait; null: it has not. */
  waits(intent: string, plan: readonly Action[], { grows, nowMs, foreseen }: When): string | null {
    for (const { name } of plan) {
      const use = this.#uses.get(intent)?.get(keyOf(name, grows));
      if (use && nowMs < use.atMs + use.waitMs && !(foreseen && use.failures === 0))
        return `${name} was ${use.failures > 0 ? "refused" : "used"} ${Math.round((nowMs - use.atMs) / 1000)} s ago`;
    }
    return null;
  }

  used(intent: string, plan: readonly Action[], { grows, nowMs, failed }: Used): void {
    const uses = this.#uses.get(intent) ?? new Map<string, Use>();
    this.#uses.set(intent, uses);
    for (const { name } of plan) {
      const key = keyOf(name, grows);
      const failures = failed ? (uses.get(key)?.failures ?? 0) + 1 : 0;
      const waitMs = Math.min(longestMs, this.#coolDownMs * 2 ** Math.max(0, failures - 1));
      uses.set(key, { atMs: nowMs, waitMs, failures });
    }
  }

  /** Of intents that are gone nothing is kept. */
  keepOnly(intents: ReadonlySet<string>): void {
    for (const intent of this.#uses.keys()) if (!intents.has(intent)) this.#uses.delete(intent);
  }
}

interface Used {
  /** The plan adds something. */
  readonly grows: boolean;
  readonly nowMs: number;
  readonly failed: boolean;
}

interface When extends Omit<Used, "failed"> {
  /** It was planned knowing what plans before it come to: only what was refused waits. */
  readonly foreseen: boolean;
}

function keyOf(action: string, grows: boolean): string {
  return `${action} ${grows ? "up" : "down"}`;
}
