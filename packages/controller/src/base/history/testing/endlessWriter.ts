// Writes decisions without end and prints how many are safe; for a test that kills it. usage: endlessWriter.ts FOLDER
import { silentLogger, sleep, systemClock } from "@walras/kit";

import { DiskHistory } from "../disk.ts";
import { aDecision } from "./decisions.ts";

const [folder = ""] = process.argv.slice(2);
const around = { clock: systemClock, logger: silentLogger, onDropped: () => process.exit(1) };
const history = new DiskHistory({ folder, mostBytes: 1e8, ...around });
await history.start();
for (let n = 0; ; n += 1) {
  history.append(aDecision({ numbers: { n } }));
  if (n % 200 !== 199) continue;
  await history.query({ limit: 1 });
  process.stdout.write(`${n + 1}\n`);
  await sleep(systemClock, 5);
}
