import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { InputError, silentLogger } from "@walras/kit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { ConfigWatcher, type Settings } from "./watcher.ts";

let folder: string;
let applied: Settings[];
let told: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "walras-config-"));
  applied = [];
  told = [];
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function read(text: string): Settings {
  if (!text.startsWith("{")) throw new InputError("file:1:1: is no JSON");
  return JSON.parse(text) as Settings;
}

function watching(file: string, text: string): ConfigWatcher<Settings> {
  return new ConfigWatcher({
    file,
    text,
    config: read(text),
    configurable: { read, settingsOf: (one) => one, live: ["mode"], apply: (one) => applied.push(one) },
    observer: {
      taken: (names, waiting) => told.push(`taken ${names.join()} waiting ${waiting.join()}`),
      refused: (reason) => told.push(`refused ${reason}`),
    },
    logger: silentLogger,
  });
}

/** As a kubelet projects a ConfigMap: a folder for each version, and links that are swapped. */
function project(version: string, text: string): string {
  mkdirSync(join(folder, version));
  writeFileSync(join(folder, version, "c.json"), text);
  symlinkSync(version, join(folder, "..data_tmp"));
  renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
  return join(folder, "..data", "c.json");
}

describe("a configuration file that changes", () => {
  it("is taken when a kubelet swaps the link to it, once", async () => {
    const file = project("1", '{"mode":"off","port":1}');
    const watcher = watching(file, '{"mode":"off","port":1}');
    await watcher.look();
    expect(told).toEqual([]);
    project("2", '{"mode":"full","port":1}');
    await watcher.look();
    await watcher.look();
    expect([applied, told]).toEqual([[{ mode: "full", port: 1 }], ["taken mode waiting "]]);
  });

  it("says what needs a restart, and no more when that is as it was at the start", async () => {
    const file = join(folder, "c.json");
    const watcher = watching(file, '{"mode":"off","port":1}');
    writeFileSync(file, '{"mode":"off","port":2}');
    await watcher.look();
    writeFileSync(file, '{"mode":"full","port":2}');
    await watcher.look();
    writeFileSync(file, '{"mode":"full","port":1}');
    await watcher.look();
    expect(told).toEqual(["taken  waiting port", "taken mode waiting port", "taken  waiting "]);
    expect(applied).toEqual([{ mode: "full", port: 2 }]);
  });

  it("is refused as a whole where it is wrong, and what held before is what the next one is compared with", async () => {
    const file = join(folder, "c.json");
    const watcher = watching(file, '{"mode":"off"}');
    writeFileSync(file, "mode: full");
    await watcher.look();
    await watcher.look();
    expect([told, applied]).toEqual([["refused file:1:1: is no JSON"], []]);
    writeFileSync(file, '{"mode":"off"}');
    await watcher.look();
    expect([told.at(-1), applied]).toEqual(["taken  waiting ", []]);
  });

  it("that is away for a moment is no other file", async () => {
    const watcher = watching(join(folder, "gone.json"), '{"mode":"off"}');
    await watcher.look();
    expect([told, applied]).toEqual([[], []]);
  });
});
