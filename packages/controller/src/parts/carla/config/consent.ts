import { type Clock, describeError, type Logger, Repeating, type Runnable } from "@walras/kit";

import { type OverrideText, readOverride } from "./override.ts";

/** override.yaml as it is now. */
export interface OverrideFile {
  readonly says: string;
  /** Tells one text from another. */
  readonly text: string;
  /** Wall milliseconds. The text is not younger than that. */
  readonly changedMs: number;
  /** That time is the text's own, and not that of a volume that was written anew. */
  readonly dated: boolean;
}

export interface OverrideSource {
  /** null: there is none. @throws Error where it cannot be read */
  read(): OverrideFile | null;
}

/** Since when a text counts: a restart does not begin it anew. */
export interface Grant {
  readonly text: string;
  readonly changedMs: number;
  /** Wall milliseconds. */
  readonly fromMs: number;
}

/** Where grants outlive the process. @throws Error */
export interface GrantMemory {
  read(): Grant | null;
  write(grant: Grant): void;
}

/** What override.yaml comes to now. Times are wall milliseconds. */
export interface OverrideState {
  readonly kind: "none" | "in force" | "over" | "held";
  readonly fromMs: number | null;
  readonly untilMs: number | null;
  /** Why it approves nothing; "" where it does or there is none. */
  readonly detail: string;
}

export interface OverrideConsentOptions {
  /** For people. */
  readonly file: string;
  readonly source: OverrideSource;
  readonly memory: GrantMemory;
  /** How long a text is good that does not say until when. */
  readonly holdsMs: () => number;
  readonly clock: Clock;
  readonly logger: Logger;
}

const lookMs = 2_000;
/** As that of an annotation: what was consented to is forgotten by then. */
const longestMs = 7 * 24 * 3_600_000;
const none: OverrideState = { kind: "none", fromMs: null, untilMs: null, detail: "" };

/**
 * Consent to everything high-risk by a file. It counts once, from when the file
 * changed: from the time that it states, or from the change that was seen, or
 * from the file's own time. Where none of these is known it is held.
 */
export class OverrideConsent {
  readonly #options: OverrideConsentOptions;
  /** Looks also while nothing is decided, so that a change has its time. */
  readonly watch: Runnable;
  /** What approved at the last look; null: nothing did, undefined: nobody has looked. */
  #seen: OverrideFile | null | undefined;
  #grant: Grant | null = null;
  #doubt = "";
  #told = "";

  constructor(options: OverrideConsentOptions) {
    this.#options = options;
    const run = (): void => void this.state();
    this.watch = new Repeating({ ...options, name: "override", everyMs: lookMs, first: "at once", run });
    try {
      this.#grant = options.memory.read();
    } catch (error) {
      this.#doubt = `what was granted before is not known: ${describeError(error)}`;
    }
  }

  /** As of now; a change of it is logged. */
  state(): OverrideState {
    const state = this.#look();
    this.#tell(state);
    return state;
  }

  #look(): OverrideState {
    let file: OverrideFile | null;
    try {
      file = this.#options.source.read();
    } catch (error) {
      return held(`it cannot be read (${describeError(error)})`);
    }
    const words = readOverride(file?.says ?? "");
    const state = !file || !words.approves ? withoutWord(words) : this.#granted(file, words);
    this.#seen = words.approves ? file : null;
    return state;
  }

  #granted(file: OverrideFile, words: OverrideText): OverrideState {
    if (words.complaint !== null) return held(words.complaint);
    const nowMs = this.#options.clock.wallMs();
    const { atMs, untilMs } = words;
    if (atMs !== null || untilMs !== null) {
      const fromMs = atMs ?? Math.min(file.changedMs, nowMs);
      return stateOf(fromMs, untilMs ?? fromMs + this.#options.holdsMs(), nowMs);
    }
    return this.#sinceItChanged(file, nowMs);
  }

  #sinceItChanged(file: OverrideFile, nowMs: number): OverrideState {
    const holdsMs = this.#options.holdsMs();
    const grant = this.#isKnown(file) ? this.#grant : this.#newGrant(file, nowMs);
    if (!grant) {
      const { changedMs } = file;
      if (changedMs + holdsMs <= nowMs) return stateOf(changedMs, changedMs + holdsMs, nowMs);
      return held(this.#doubt || "since when it says so is not known: change it, or write until: with a time");
    }
    try {
      if (grant !== this.#grant) this.#options.memory.write(grant);
    } catch (error) {
      return held(`that it was granted cannot be written down: ${describeError(error)}`);
    }
    this.#grant = grant;
    return stateOf(grant.fromMs, grant.fromMs + holdsMs, nowMs);
  }

  /** The same text is another grant only where it was seen to be written again; what a restart finds is what was there. */
  #isKnown(file: OverrideFile): boolean {
    const grant = this.#grant;
    if (grant?.text !== file.text) return false;
    if (this.#seen === null) return file.changedMs <= grant.changedMs;
    return this.#seen === undefined || !isWrittenAgain(file, this.#seen);
  }

  /** null: it may have been there for long. */
  #newGrant(file: OverrideFile, nowMs: number): Grant | null {
    const { text, changedMs, dated } = file;
    if (this.#seen === undefined)
      return dated && this.#doubt === "" ? { text, changedMs, fromMs: Math.min(changedMs, nowMs) } : null;
    const isSeen = this.#seen === null || this.#seen.text !== text || isWrittenAgain(file, this.#seen);
    return isSeen ? { text, changedMs, fromMs: nowMs } : null;
  }

  #tell(state: OverrideState): void {
    const told = JSON.stringify(state);
    const isNew = told !== this.#told && (this.#told !== "" || state.kind !== "none");
    this.#told = told;
    if (!isNew) return;
    const { file, logger } = this.#options;
    const { level, message } = messages[state.kind];
    logger[level]({ file, ...timesOf(state), ...(state.detail && { why: state.detail }) }, message);
  }
}

const messages = {
  none: { level: "info", message: "override taken back" },
  "in force": { level: "warn", message: "override in force: every high-risk release is approved" },
  over: { level: "warn", message: "override is over: high-risk releases wait for approvals again" },
  held: { level: "warn", message: "override approves nothing" },
} as const;

/** From when until when, for people. */
export function timesOf({ fromMs, untilMs }: Pick<OverrideState, "fromMs" | "untilMs">): {
  readonly from: string | null;
  readonly until: string | null;
} {
  const stamp = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  return { from: stamp(fromMs), until: stamp(untilMs) };
}

/** A volume is written again for reasons of its own. */
function isWrittenAgain({ dated, changedMs }: OverrideFile, before: OverrideFile): boolean {
  return dated && changedMs > before.changedMs;
}

function withoutWord({ complaint }: OverrideText): OverrideState {
  return complaint === null ? none : held(complaint);
}

function held(detail: string): OverrideState {
  return { kind: "held", fromMs: null, untilMs: null, detail };
}

function stateOf(fromMs: number, untilMs: number, nowMs: number): OverrideState {
  const times = { fromMs, untilMs };
  if (nowMs < fromMs) return { kind: "held", ...times, detail: "it has not begun" };
  if (untilMs - nowMs > longestMs) return { kind: "held", ...times, detail: "its end is more than seven days ahead" };
  return nowMs < untilMs
    ? { kind: "in force", ...times, detail: "" }
    : { kind: "over", ...times, detail: "its time is over" };
}
