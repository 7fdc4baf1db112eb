import { pino } from "pino";
import { expect, it } from "vitest";

import { asText } from "./logger.ts";

it("writes text as one line: level, message, fields", () => {
  const lines: string[] = [];
  const logger = pino({ name: "test" }, asText({ write: (line) => lines.push(line) }));
  logger.info("CARLA scheduler started (tick=30s, Rmax=6.00)");
  logger.warn({ app: "metallb", error: "two\nlines" }, "sync not acknowledged");
  expect(lines).toEqual([
    "[INFO] CARLA scheduler started (tick=30s, Rmax=6.00)\n",
    "[WARN] sync not acknowledged app=metallb error=two lines\n",
  ]);
});
