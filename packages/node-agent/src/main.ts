// walras-agent: reads what the containers of a node need from its kernel and streams it to the controller.
import { createLogger, describeError, FieldError, Lifecycle, shutdownSignal } from "@walras/kit";

import { readConfig } from "./config.ts";
import { wireAgent } from "./wire.ts";

const stopped = shutdownSignal();

try {
  const { parts, logger } = await wireAgent(readConfig(process.argv.slice(2), process.env));
  const lifecycle = new Lifecycle(parts, logger);
  await lifecycle.start();
  logger.info({ signal: await stopped }, "stopping");
  await lifecycle.stop();
  process.exit(0);
} catch (error) {
  createLogger("walras-agent", "info").fatal({ error: describeError(error) }, "agent cannot run");
  process.exit(error instanceof FieldError ? 2 : 1);
}
