import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Logger, silentLogger, VirtualClock } from "@walras/kit";
import { describe, expect, it, onTestFinished } from "vitest";

import { FileJournal } from "../act/journal.ts";
import { config, reasonOf, sunday } from "../decide/testing.ts";
import { Recollection } from "./recollection.ts";
import { Stage } from "./testing/stage.ts";

describe("R12: what earlier processes have left", () => {
  it("is read again when it could not be read once, and the trouble is told meanwhile", async () => {
    const clock = new VirtualClock();
    let failures = 2;
    const recollection = new Recollection(
      () => (failures-- > 0 ? Promise.reject(new Error("EIO")) : Promise.resolve()),
      { clock, logger: silentLogger },
    );
    expect(await recollection.attempt()).toBe(false);
    expect(recollection.trouble).toContain("EIO");
    expect(await recollection.attempt()).toBe(false);
    await clock.advance(5_000);
    expect(await recollection.attempt()).toBe(false);
    await clock.advance(5_000);
    expect(await recollection.attempt()).toBe(true);
    expect([recollection.trouble, await recollection.attempt()]).toEqual([null, false]);
  });

  it("holds everything, by name, until it is known", async () => {
    const stage = new Stage(config("", "apps: [{ name: a, r_i: 1 }]"), sunday);
    stage.unremembered = "EIO: i/o error, read";
    await stage.run(1);
    const { decision } = stage.acted.at(-1)!;
    expect([stage.syncs, reasonOf(decision, "a")]).toEqual([[], "not_remembered"]);
    expect(decision.held[0]!.detail).toContain("EIO: i/o error, read");
    stage.unremembered = null;
    await stage.run(1);
    expect(stage.syncs).toHaveLength(1);
  });

  it("is a journal whose bad lines are left out and told with file and line", async () => {
    const folder = mkdtempSync(join(tmpdir(), "journal-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const told: object[] = [];
    const logger = { ...silentLogger, warn: (fields: object) => void told.push(fields) } as unknown as Logger;
    const file = join(folder, "releases.jsonl");
    const entry = { event: "condemned", at: "2026-01-01T00:00:00.000Z", app: "a", id: "1", revision: "r" };
    writeFileSync(`${file}.1`, `${JSON.stringify(entry)}\n`);
    writeFileSync(file, `${JSON.stringify(entry)}\nnonsense\n${JSON.stringify({ ...entry, id: "2" })}\n`);
    expect((await new FileJournal(file, logger).read()).map(({ id }) => id)).toEqual(["1", "1", "2"]);
    expect(told).toMatchObject([{ file, line: 2 }]);
  });

  it("is not known where the journal cannot be opened, and is when it can", async () => {
    const folder = mkdtempSync(join(tmpdir(), "journal-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "releases.jsonl");
    mkdirSync(file);
    const journal = new FileJournal(file, silentLogger);
    const clock = new VirtualClock();
    const recollection = new Recollection(async () => void (await journal.read()), { clock, logger: silentLogger });
    await recollection.attempt();
    expect(recollection.trouble).toContain("EISDIR");
    rmSync(file, { recursive: true });
    await clock.advance(5_000);
    expect(await recollection.attempt()).toBe(true);
  });
});
