import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { silentLogger, systemClock } from "@walras/kit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { DiskHistory } from "./disk.ts";
import { aDecision } from "./testing/decisions.ts";

let folder: string;
let warnings: string[];
const stops: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "walras-history-"));
  warnings = [];
});

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  rmSync(folder, { recursive: true, force: true });
});

async function open(where = folder, mostBytes = 1e6): Promise<DiskHistory> {
  const logger = Object.assign(Object.create(silentLogger) as typeof silentLogger, {
    warn: (_: object, message: string) => warnings.push(message),
  });
  const history = new DiskHistory({ folder: where, mostBytes, clock: systemClock, logger, onDropped: () => undefined });
  await history.start();
  stops.push(() => history.stop());
  return history;
}

describe("the history on disk", () => {
  it("is there after a restart, and its ids go on", async () => {
    const before = await open();
    before.append(aDecision({ pod: "a" }));
    await before.stop();
    const after = await open();
    after.append(aDecision({ pod: "b" }));
    const [first, second] = await after.query({ limit: 10 });
    expect([first?.object.name, second?.object.name]).toEqual(["a", "b"]);
    expect(second?.id).toBeGreaterThan(first?.id ?? Infinity);
  });

  it("opens again after kill -9, with all that had been written", async () => {
    const program = join(import.meta.dirname, "testing", "endlessWriter.ts");
    const child = spawn(process.execPath, [program, folder], { stdio: ["ignore", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout });
    let written = 0;
    for await (const line of lines) {
      written = Number(line);
      if (written >= 2_000) break;
    }
    child.kill("SIGKILL");
    await once(child, "exit");
    const history = await open(folder, 1e8);
    const entries = await history.query({ limit: 1_000_000 });
    expect(entries.length).toBeGreaterThanOrEqual(written);
    expect(entries.map(({ numbers }) => numbers["n"])).toEqual(entries.map((_, index) => index));
    expect(warnings).toEqual([]);
  });

  it("puts a damaged file aside, says so once, and begins anew", async () => {
    writeFileSync(join(folder, "history.sqlite"), "no database at all, ".repeat(100));
    const history = await open();
    history.append(aDecision({ pod: "a" }));
    expect(await history.query({ limit: 10 })).toHaveLength(1);
    expect([warnings, existsSync(join(folder, "history.sqlite.broken"))]).toEqual([
      ["history was damaged: put aside, begun anew"],
      true,
    ]);
  });

  it("goes on in memory where the folder cannot be written, and says so once", async () => {
    const file = join(folder, "not-a-folder");
    writeFileSync(file, "");
    chmodSync(file, 0o400);
    const history = await open(join(file, "history"));
    history.append(aDecision({ pod: "a" }));
    history.append(aDecision({ pod: "b" }));
    expect((await history.query({ limit: 10 })).map(({ object }) => object.name)).toEqual(["a", "b"]);
    expect(warnings).toEqual(["history cannot be written: it is kept in memory only"]);
  });

  it("does not grow beyond its bound", async () => {
    const mostBytes = 400_000;
    const history = await open(folder, mostBytes);
    for (let index = 0; index < 20_000; index += 1) {
      history.append(aDecision({ pod: `pod-${index}` }));
      if (index % 1_000 === 999) await history.query({ limit: 1 });
    }
    await history.stop();
    // The file holds pages that are free for what comes next.
    expect(statSync(join(folder, "history.sqlite")).size).toBeLessThan(2 * mostBytes);
  });
});
