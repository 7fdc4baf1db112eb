import { type Clock, describeError, type Logger } from "@walras/kit";

import type { Inbox, Picture } from "../inbox/inbox.ts";
import type { Analysis, BrokenPicture, PoseAnalyzer } from "../pose/analyzer.ts";
import { leastScore } from "../pose/pose.ts";
import type { LoopResult } from "../results/row.ts";
import { UsageAverage, type UsageMeter } from "../usage/usage.ts";

/** Where results go. */
export interface ResultSink {
  picture(result: Pick<LoopResult, "loop" | "piId" | "receivedAtMs">, jpeg: Uint8Array): Promise<void>;
  result(result: LoopResult): Promise<void>;
}

export interface LoopParts {
  readonly inbox: Pick<Inbox, "take">;
  readonly analyzer: PoseAnalyzer;
  /** How many pictures it is given at once. */
  readonly workers: number;
  readonly sink: ResultSink;
  readonly meter: UsageMeter;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Schedule {
  /** One loop for each: how many copies of its picture it analyzes. */
  readonly copies: readonly number[];
  readonly pictureTimeoutMs: number;
}

/**
 * The job: for each loop the next picture, analyzed as often as the schedule
 * says. When `stopped` aborts, what is under way is finished and its result
 * written; no further loop begins.
 *
 * @throws Error when no picture comes in time, or nothing of a loop could be analyzed
 */
export async function runLoops(parts: LoopParts, schedule: Schedule, stopped: AbortSignal): Promise<void> {
  for (const [index, copies] of schedule.copies.entries()) {
    const next = await nextPicture(parts, schedule.pictureTimeoutMs, stopped);
    if (next === undefined) return;
    await runLoop(parts, { loop: index + 1, copies, ...next }, stopped);
    if (stopped.aborted) return;
  }
}

interface Examined {
  readonly picture: Picture;
  readonly first: Analysis;
}

/** The next that is a picture, already analyzed once; undefined when stopped. */
async function nextPicture(parts: LoopParts, timeoutMs: number, stopped: AbortSignal): Promise<Examined | undefined> {
  const { inbox, analyzer, clock, logger } = parts;
  const untilMs = clock.monotonicMs() + timeoutMs;
  for (;;) {
    const picture = await inbox.take(Math.max(0, untilMs - clock.monotonicMs()), stopped);
    if (stopped.aborted) return undefined;
    if (picture === undefined) throw new Error(`no picture came within ${timeoutMs / 1000} s`);
    const first = await analyzer.analyze(picture.bytes, true);
    if (!isBroken(first)) return { picture, first };
    logger.warn({ topic: picture.topic, bytes: picture.bytes.length, error: first.broken }, "picture skipped");
  }
}

interface Loop extends Examined {
  readonly loop: number;
  readonly copies: number;
}

async function runLoop(parts: LoopParts, job: Loop, stopped: AbortSignal): Promise<void> {
  const { sink, meter, clock, logger } = parts;
  const { loop, copies, picture, first } = job;
  const usage = new UsageAverage(meter, clock);
  const seconds = [first.seconds, ...(await analyzeCopies(parts, job, stopped))];
  const { piId, receivedAtMs } = picture;
  const meanSeconds = seconds.reduce((sum, each) => sum + each, 0) / seconds.length;
  const result = { loop, copies, processed: seconds.length, meanSeconds, piId, receivedAtMs, ...(await usage.end()) };
  if (first.annotated) await sink.picture({ loop, piId, receivedAtMs }, first.annotated);
  await sink.result(result);
  const sure = first.keypoints.filter(({ score }) => score >= leastScore).length;
  logger.info({ ...result, keypoints: sure }, "loop done");
}

/** Seconds of each copy after the first that was analyzed; those that failed are told of, not counted. */
async function analyzeCopies(parts: LoopParts, job: Loop, stopped: AbortSignal): Promise<number[]> {
  const seconds: number[] = [];
  const failures: unknown[] = [];
  let begun = 1;
  const lane = async (): Promise<void> => {
    while (begun < job.copies && !stopped.aborted) {
      begun += 1;
      try {
        const analysis = await parts.analyzer.analyze(job.picture.bytes, false);
        if (isBroken(analysis)) throw new Error(analysis.broken);
        seconds.push(analysis.seconds);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: parts.workers }, lane));
  if (failures.length > 0) {
    const error = describeError(failures[0]);
    parts.logger.error({ loop: job.loop, failed: failures.length, error }, "copies could not be analyzed");
  }
  return seconds;
}

const isBroken = (analysis: Analysis | BrokenPicture): analysis is BrokenPicture => "broken" in analysis;
