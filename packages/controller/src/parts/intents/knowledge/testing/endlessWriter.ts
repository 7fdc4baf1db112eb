// Records events without end and prints how many are safe; for a test that kills it. usage: endlessWriter.ts FOLDER
import { silentLogger } from "@walras/kit";

import { EmbeddedKnowledge } from "../embedded.ts";
import { aPlanEvent } from "./events.ts";

const [folder = ""] = process.argv.slice(2);
const bounds = { mostBytes: 1e8, mostEventsOfIntent: 1e6, keptMs: 1e9 };
const base = new EmbeddedKnowledge({ folder, logger: silentLogger, ...bounds });
await base.start();
for (let n = 0; ; n += 1) {
  await base.record(aPlanEvent({ timestampMs: n }));
  process.stdout.write(`${n + 1}\n`);
}
