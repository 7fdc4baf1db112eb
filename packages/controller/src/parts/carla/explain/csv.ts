import { appendCsvRow, type CsvCell, describeError, type Logger } from "@walras/kit";

import type { ReleasePolicy } from "../config/policy.ts";
import type { ReleaseDecision } from "../decide/decision.ts";

/** The prototype's columns; analyses read them by name. */
export const decisionColumns = ["ts", "policy", "allowed_window", "headroom", "selected", "skipped", "reason"] as const;
export const rolloutColumns = ["ts_start", "ts_end", "app", "revision", "rollout_seconds"] as const;

/** More than this and the file is put aside, one generation. */
const mostBytes = 64 * 1024 * 1024;

/**
 * What a tick did, as the prototype wrote it: Unix seconds, names joined by "|".
 *
 * @param notSynced by name: why what was selected is among the skipped after all
 */
export function decisionRow(
  decision: ReleaseDecision,
  policy: Pick<ReleasePolicy, "minHeadroom">,
  notSynced: ReadonlyMap<string, string> = new Map(),
): CsvCell[] {
  const { nowMs, allowedWindow, headroom, selected, held } = decision;
  const names = (apps: readonly { readonly name: string }[]): string => apps.map(({ name }) => name).join("|");
  const left = selected.filter(({ name }) => notSynced.has(name));
  return [
    Math.floor(nowMs / 1000),
    "CARLA-knapsack",
    allowedWindow ? 1 : 0,
    headroom === null ? "" : headroom.toFixed(3),
    names(selected.filter((app) => !left.includes(app))),
    names([...left, ...held]),
    [reasonCell(decision, policy), ...notSyncedCell(notSynced)].join("; "),
  ];
}

/** "not_synced: unauthorized(a|b)", one for each reason. */
function notSyncedCell(notSynced: ReadonlyMap<string, string>): string[] {
  const byReason = Map.groupBy(notSynced, ([, why]) => why);
  return [...byReason].map(([why, apps]) => `not_synced: ${why}(${apps.map(([name]) => name).join("|")})`);
}

function reasonCell(
  { reason, headroom, held }: ReleaseDecision,
  { minHeadroom }: Pick<ReleasePolicy, "minHeadroom">,
): string {
  const opensMs = firstOpening(held);
  const isTimed = reason === "outside_allowed_window" || reason === "frozen";
  if (isTimed) return opensMs === null ? reason : `${reason}(next_open=${new Date(opensMs).toISOString()})`;
  if (reason !== "low_headroom" || headroom === null) return reason;
  return `low_headroom(H=${headroom.toFixed(2)}<Δ=${minHeadroom.toFixed(2)})`;
}

/** When the first of them may go. */
function firstOpening(held: ReleaseDecision["held"]): number | null {
  const known = held.flatMap(({ nextOpenMs }) => nextOpenMs ?? []);
  return known.length === 0 ? null : Math.min(...known);
}

/** A release that became healthy. */
export function rolloutRow(release: {
  readonly startedAtMs: number;
  readonly tookMs: number;
  readonly app: string;
  readonly revision: string;
}): CsvCell[] {
  const { startedAtMs, tookMs, app, revision } = release;
  const unixSeconds = (ms: number): string => Math.floor(ms / 1000).toString();
  return [unixSeconds(startedAtMs), unixSeconds(startedAtMs + tookMs), app, revision, (tookMs / 1000).toFixed(3)];
}

/** Rows at the end of a file. A disk that is full costs rows and nothing else. */
export class CsvFile {
  readonly #file: () => string;
  readonly #columns: readonly string[];
  readonly #logger: Logger;
  #last: Promise<void> = Promise.resolve();
  #complaint = "";

  /** @param file asked anew for each row: the policy may move it */
  constructor(file: () => string, columns: readonly string[], logger: Logger) {
    this.#file = file;
    this.#columns = columns;
    this.#logger = logger;
  }

  append(row: readonly CsvCell[]): void {
    this.#last = this.#last.then(() => this.#write(this.#file(), row)).catch((error: unknown) => this.#complain(error));
  }

  /** When everything appended so far is written, or lost. */
  settled(): Promise<void> {
    return this.#last;
  }

  async #write(file: string, row: readonly CsvCell[]): Promise<void> {
    await appendCsvRow({ file, columns: this.#columns, mostBytes }, row);
    this.#complaint = "";
  }

  #complain(error: unknown): void {
    const complaint = describeError(error);
    if (complaint !== this.#complaint) this.#logger.error({ file: this.#file(), error: complaint }, "row not written");
    this.#complaint = complaint;
  }
}
