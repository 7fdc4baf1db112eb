import {
  createLogger,
  describeError,
  InputError,
  Lifecycle,
  shutdownSignal,
  systemClock,
  systemRng,
} from "@walras/kit";
import { CommanderError } from "commander";

import { readConfig } from "./config.ts";
import { wire } from "./wire.ts";

const signalled = shutdownSignal();

async function main(): Promise<number> {
  const config = readConfig(process.argv.slice(2), process.env);
  const logger = createLogger("walras-controller", config.logLevel, config.logFormat);
  for (const sentence of config.unread) logger.warn(sentence);
  const lost = Promise.withResolvers<"lease lost">();
  const controller = await wire(config, {
    clock: systemClock,
    rng: systemRng,
    logger,
    onLost: () => lost.resolve("lease lost"),
  });
  const lifecycle = new Lifecycle(controller.runnables, logger);
  for (const greeting of controller.greetings()) logger.info(greeting);
  await lifecycle.start();
  const flags = Object.assign({}, ...config.configured.map((part) => part.flags)) as object;
  logger.info(
    {
      parts: config.parts,
      ...flags,
      agentPort: controller.agentPort(),
      opsPort: controller.opsPort(),
      dashboardPort: controller.dashboardPort(),
    },
    "controller started",
  );
  const reason = await Promise.race([signalled, lost.promise]);
  logger.info({ reason }, "controller stops");
  if (reason === "lease lost") return 1;
  await lifecycle.stop();
  return 0;
}

/** 2 for wrong input, 1 for everything else. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return error instanceof InputError ? 2 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    if (!(error instanceof CommanderError)) process.stderr.write(`walras-controller: ${describeError(error)}\n`);
    process.exit(exitCodeOf(error));
  },
);
