// Measures what reading eight GPUs costs the agent's own process, beside a double of nvidia-smi that costs it nothing.
// usage: node --max-old-space-size=32 --max-semi-space-size=1 --no-opt --no-maglev gpus.ts [--seconds 30]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";

import { silentLogger, systemClock, systemRng } from "@walras/kit";

import { DetailParser } from "../src/nvidia/gpuDetails.ts";
import { NvidiaReader } from "../src/nvidia/nvidiaReader.ts";
import { controlVariable, machineOf, writeControl } from "../src/nvidia/testing/control.ts";
import { xmlDocument } from "../src/nvidia/testing/xml.ts";

const control = { layout: "h100x8" };
const intervalMs = 500;
const pipeChunk = 65_536;

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** CPU of one round, from three seconds after the start. */
async function roundCost(seconds: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "walras-gpus-"));
  const path = join(folder, "control.json");
  writeControl(path, control);
  const env = { ...process.env, [controlVariable]: path };
  const program = join(import.meta.dirname, "..", "src", "nvidia", "testing", "nvidia-smi");
  const options = { program, env, procRoot: folder, intervalMs, clock: systemClock, rng: systemRng };
  const reader = new NvidiaReader({ ...options, logger: silentLogger });
  reader.start();
  await delay(3000);
  const before = cpuMs();
  await delay(seconds * 1000);
  const spent = cpuMs() - before;
  await reader.stop();
  rmSync(folder, { recursive: true });
  return (spent / seconds / 1000) * intervalMs;
}

/** CPU of one `-q -x`, as long as the drivers make it that write most: 120 KiB a GPU. */
function detailsCost(): { readonly kibibytes: number; readonly ms: number } {
  const machine = machineOf(control);
  const long = machine.gpus.map((gpu) => ({ ...gpu, graphicsClockMhz: 28_000 }));
  const document = xmlDocument({ ...machine, gpus: long });
  const times = 10;
  const before = cpuMs();
  for (let time = 0; time < times; time += 1) {
    const parser = new DetailParser();
    for (let at = 0; at < document.length; at += pipeChunk) parser.push(document.slice(at, at + pipeChunk));
    if (parser.end().length !== 8) throw new Error("not eight GPUs");
  }
  return { kibibytes: Math.round(document.length / 1024), ms: (cpuMs() - before) / times };
}

const { values } = parseArgs({ options: { seconds: { type: "string", default: "30" } } });
const perRound = await roundCost(Number(values.seconds));
const details = detailsCost();
const percent = (perRound / 5000 + details.ms / 60_000) * 100;
console.log(`a round of 8 GPUs: ${perRound.toFixed(2)} ms of CPU`);
console.log(`details of 8 GPUs, ${details.kibibytes} KiB: ${details.ms.toFixed(1)} ms of CPU`);
console.log(`at one round in 5 s and details each minute: ${percent.toFixed(3)} % of a core`);
