// The posture analyzer: poses of the pictures that cameras send over MQTT, as often as a schedule says, then it ends.
import { join } from "node:path";

import {
  createLogger,
  describeError,
  InputError,
  Lifecycle,
  type Logger,
  shutdownSignal,
  systemClock,
  systemRng,
} from "@walras/kit";

import { type AnalyzerConfig, readConfig } from "./config.ts";
import { Inbox } from "./inbox/inbox.ts";
import { Subscription } from "./inbox/subscription.ts";
import { runLoops } from "./loops/run.ts";
import { PosePool } from "./pose/pool.ts";
import { ResultsDatabase } from "./results/database.ts";
import { Results } from "./results/results.ts";
import { MachineUsage } from "./usage/machine.ts";

const name = "posture-analyzer";
const mostWaiting = 16;
const analysisTimeoutMs = 60_000;
const clock = systemClock;
const here = import.meta.dirname;
const program = import.meta.filename.endsWith(".ts")
  ? join(here, "pose", "worker.ts")
  : join(here, "posture-worker.mjs");

const stopped = new AbortController();
void shutdownSignal().then(() => stopped.abort());

try {
  const config = readConfig(process.env);
  const logger = createLogger(name, config.logLevel, config.logFormat);
  await analyze(config, logger);
  logger.info({ stopped: stopped.signal.aborted }, "done");
  process.exit(0);
} catch (error) {
  createLogger(name, "info").fatal({ error: describeError(error) }, "analyzer failed");
  process.exit(error instanceof InputError ? 2 : 1);
}

async function analyze(config: AnalyzerConfig, logger: Logger): Promise<void> {
  const { broker, workers, modelDir, outputDir, csvPath, podName: job } = config;
  const inbox = new Inbox(mostWaiting, clock);
  const analyzer = new PosePool({ workers, modelDir, timeoutMs: analysisTimeoutMs, program });
  const options = { job, clock, rng: systemRng, logger };
  const database = config.database && new ResultsDatabase({ ...options, database: config.database });
  const sink = new Results({ outputDir, csvPath, database });
  const lifecycle = new Lifecycle([analyzer, new Subscription({ broker, inbox, clock, logger })], logger);
  await lifecycle.start();
  try {
    await runLoops(
      { inbox, analyzer, workers, sink, meter: new MachineUsage(), clock, logger },
      config,
      stopped.signal,
    );
  } finally {
    if (inbox.dropped > 0) logger.warn({ dropped: inbox.dropped }, "pictures gave way to newer ones");
    await lifecycle.stop();
    await database?.flush();
  }
}
