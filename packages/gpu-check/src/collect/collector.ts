import { type Clock, type Logger, Polled, type Runnable } from "@walras/kit";

import { json, plain, type Reply, type Routes } from "../server.ts";
import type { Report } from "../verdict/report.ts";
import { metricsText } from "./metrics.ts";
import { type Judged, page } from "./page.ts";
import { judgeOnce, type Sources } from "./round.ts";

export interface CollectorOptions {
  readonly sources: Sources;
  readonly everyMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A round asks each pod for 5 s at most, 16 at once. */
const deadlineMs = 60_000;
/** A verdict that so many rounds have not renewed is none: what was green then says nothing of now. */
const freshRounds = 6;

/** Judges again and again, and shows the last verdict with its age, or why there is none. */
export class Collector implements Runnable {
  readonly name = "collector";
  readonly #polled: Polled<Report>;
  readonly #logger: Logger;
  #last = "";

  constructor({ sources, everyMs, clock, logger }: CollectorOptions) {
    this.#logger = logger;
    this.#polled = new Polled<Report>({
      name: "verdict",
      ask: (signal) => this.#judge(sources, signal),
      everyMs,
      deadlineMs,
      freshMs: freshRounds * everyMs + deadlineMs,
      clock,
      logger,
    });
  }

  start(): Promise<void> {
    return this.#polled.start();
  }

  stop(): Promise<void> {
    return this.#polled.stop();
  }

  routes(): Routes {
    const verdict = (accept: string): Reply =>
      accept.includes("text/html")
        ? { status: 200, type: "text/html; charset=utf-8", body: page(this.#judged(), this.#polled.trouble()) }
        : this.#asJson();
    return {
      "/": verdict,
      "/verdict": verdict,
      "/metrics": () => plain(200, this.#metrics()),
      "/healthz": () => plain(200, "ok"),
      "/readyz": () =>
        this.#judged() === null ? plain(503, this.#polled.trouble() ?? "no verdict yet") : plain(200, "ok"),
    };
  }

  async #judge(sources: Sources, signal: AbortSignal): Promise<Report> {
    const report = await judgeOnce(sources, signal);
    this.#tell(report);
    return report;
  }

  /** Once for each change. */
  #tell({ green, rows }: Report): void {
    const wrong = rows.flatMap(({ podIndex, state, findings }) =>
      state === "ok" ? [] : [{ podIndex, state, why: findings.map(({ message }) => message) }],
    );
    const text = JSON.stringify(wrong.map(({ podIndex, state }) => [podIndex, state]));
    if (text === this.#last) return;
    this.#last = text;
    this.#logger.info({ green, pods: rows.length, wrong }, green ? "all as the map says" : "not as the map says");
  }

  #judged(): Judged | null {
    const answered = this.#polled.fresh();
    return answered && { report: answered.value, ageMs: answered.ageMs };
  }

  #asJson(): Reply {
    const judged = this.#judged();
    if (judged === null) return json(503, { green: false, rows: [], trouble: this.#polled.trouble() });
    return json(200, { ...judged.report, ageMs: Math.round(judged.ageMs) });
  }

  #metrics(): string {
    const judged = this.#judged();
    return metricsText(judged?.report ?? null, judged && judged.ageMs / 1000).trimEnd();
  }
}
