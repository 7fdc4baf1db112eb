// walras-agent: reads what the containers of a node need from its kernel and streams it to the controller.
import { createLogger, describeError, FieldError, Lifecycle, shutdownSignal } from "@walras/kit";

import { readConfig } from "./config.ts";
import { answerTo } from "./usage.ts";
import { wireAgent } from "./wire.ts";

const stopped = shutdownSignal();
const argv = process.argv.slice(2);

try {
  const answer = answerTo(argv);
  if (answer !== null) {
    process.stdout.write(answer);
    process.exit(0);
  }
  const { parts, logger } = await wireAgent(readConfig(argv, process.env));
  const lifecycle = new Lifecycle(parts, logger);
  await lifecycle.start();
  logger.info({ signal: await stopped }, "stopping");
  await lifecycle.stop();
  process.exit(0);
} catch (error) {
  createLogger("walras-agent", "info").fatal({ error: describeError(error) }, "agent cannot run");
  process.exit(error instanceof FieldError ? 2 : 1);
}
