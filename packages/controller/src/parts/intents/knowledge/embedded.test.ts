import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { silentLogger } from "@walras/kit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { EmbeddedKnowledge, type EmbeddedOptions } from "./embedded.ts";
import { knowledgeContract } from "./testing/contract.ts";
import { aPlanEvent, anEffect } from "./testing/events.ts";

let folder: string;
let warnings: string[];
const stops: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "walras-knowledge-"));
  warnings = [];
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  rmSync(folder, { recursive: true, force: true });
});

async function open(part: Partial<EmbeddedOptions> = {}): Promise<EmbeddedKnowledge> {
  const logger = Object.assign(Object.create(silentLogger) as typeof silentLogger, {
    warn: (_: object, message: string) => warnings.push(message),
  });
  const bounds = { mostBytes: 1e8, mostEventsOfIntent: 1_000, keptMs: 1e9 };
  const base = new EmbeddedKnowledge({ folder, logger, ...bounds, ...part });
  await base.start();
  stops.push(() => base.stop());
  return base;
}

const closing = (base: EmbeddedKnowledge): { base: EmbeddedKnowledge; close: () => Promise<void> } => ({
  base,
  close: () => base.stop(),
});

knowledgeContract("on disk", async () => closing(await open()));
knowledgeContract("in memory", async () => closing(await open({ folder: undefined })));

describe("on disk", () => {
  it("it is there after a restart", async () => {
    const before = await open();
    await before.record(aPlanEvent());
    await before.learn(anEffect());
    await before.stop();
    const after = await open();
    expect([await after.events("default/my-intent", 10), await after.effects("default/my-intent")]).toEqual([
      [aPlanEvent()],
      [anEffect()],
    ]);
  });

  it("it opens again after kill -9, with all that had been recorded", async () => {
    const program = join(import.meta.dirname, "testing", "endlessWriter.ts");
    const child = spawn(process.execPath, [program, folder], { stdio: ["ignore", "pipe", "inherit"] });
    let recorded = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      recorded = Number(line);
      if (recorded >= 500) break;
    }
    child.kill("SIGKILL");
    await once(child, "exit");
    const events = await (await open()).events("default/my-intent", 1_000_000);
    expect(events.length).toBeGreaterThanOrEqual(recorded);
    expect(events.map(({ timestampMs }) => timestampMs)).toEqual(events.map((_, index) => index));
    expect(warnings).toEqual([]);
  });

  it("a damaged file is put aside, which is said once", async () => {
    writeFileSync(join(folder, "intents.sqlite"), "no database at all, ".repeat(100));
    const base = await open();
    await base.record(aPlanEvent());
    expect(await base.events("default/my-intent", 10)).toHaveLength(1);
    expect([warnings, existsSync(join(folder, "intents.sqlite.broken"))]).toEqual([
      ["knowledge base was damaged: put aside, begun anew"],
      true,
    ]);
  });

  it("it goes on in memory where the folder cannot be written, which is said once", async () => {
    const file = join(folder, "not-a-folder");
    writeFileSync(file, "");
    const base = await open({ folder: file });
    await base.record(aPlanEvent());
    expect(await base.events("default/my-intent", 10)).toHaveLength(1);
    expect(warnings).toEqual(["knowledge base cannot be written: it is kept in memory only"]);
  });
});

describe("bounds", () => {
  it("of bytes: ten thousand events leave no larger file, and the newest", async () => {
    const mostBytes = 1_000_000;
    const base = await open({ mostBytes, mostEventsOfIntent: 1e6 });
    for (let index = 0; index < 10_000; index += 1) {
      const recorded = base.record(aPlanEvent({ timestampMs: index }));
      if (index % 500 === 499) await recorded;
    }
    const events = await base.events("default/my-intent", 1_000_000);
    expect(events.at(-1)?.timestampMs).toBe(9_999);
    expect(events.length).toBeLessThan(3_000);
    const bytes = readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
    // With what is written ahead, and what is begun before the size is looked at.
    expect(bytes).toBeLessThan(2.5 * mostBytes);
  });

  it("of one intent's events", async () => {
    const base = await open({ mostEventsOfIntent: 3 });
    for (const timestampMs of [1, 2, 3, 4, 5]) await base.record(aPlanEvent({ timestampMs }));
    await base.record(aPlanEvent({ name: "default/other", timestampMs: 6 }));
    const events = await base.events("default/my-intent", 10);
    expect(events.map(({ timestampMs }) => timestampMs)).toEqual([3, 4, 5]);
  });

  it("of time; somebody's word does not grow old", async () => {
    const base = await open({ keptMs: 1_000 });
    await base.record(aPlanEvent({ timestampMs: 0 }));
    await base.learn(anEffect({ timestamp: 0 }));
    await base.learn(anEffect({ timestamp: 0, static: true }));
    await base.record(aPlanEvent({ timestampMs: 1_001 }));
    expect(await base.events("default/my-intent", 10)).toHaveLength(1);
    expect(await base.effects("default/my-intent")).toEqual([anEffect({ timestamp: 0, static: true })]);
  });

  it("of models of one KPI, whose newest stay, beside somebody's word", async () => {
    const base = await open();
    await base.learn(anEffect({ static: true }));
    for (let timestamp = 1; timestamp <= 30; timestamp += 1) await base.learn(anEffect({ timestamp }));
    const effects = await base.effects("default/my-intent");
    expect([effects.length, effects[0]?.static, effects.at(-1)?.timestamp]).toEqual([11, true, 30]);
  });

  it("of what waits for the disk: the rest is refused, not kept", async () => {
    const base = await open();
    const calls = Array.from({ length: 12_000 }, (_, timestampMs) =>
      base.record(aPlanEvent({ timestampMs })).then(
        () => "recorded",
        (error: unknown) => (error as Error).message,
      ),
    );
    const counts = Map.groupBy(await Promise.all(calls), (said) => said);
    expect([...counts].map(([said, all]) => [said, all.length])).toEqual([
      ["recorded", 5_000],
      ["the knowledge base does not keep up: 5000 calls wait", 7_000],
    ]);
  });
});

it("before it is open and after it is closed every call fails, and says so", async () => {
  const bounds = { mostBytes: 1e6, mostEventsOfIntent: 10, keptMs: 1e9 };
  const base = new EmbeddedKnowledge({ folder: undefined, logger: silentLogger, ...bounds });
  await expect(base.record(aPlanEvent())).rejects.toThrow("the knowledge base is not open");
  await base.start();
  await base.stop();
  await expect(base.events("default/my-intent", 1)).rejects.toThrow("the knowledge base is not open");
});
