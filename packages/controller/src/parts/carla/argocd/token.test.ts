import { mkdtempSync, rmSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { VirtualClock } from "@walras/kit";
import { describe, expect, it, onTestFinished } from "vitest";

import { tokenSource } from "./token.ts";

function tokenFile(): { readonly path: string; write(token: string, changedSeconds: number): void } {
  const folder = mkdtempSync(join(tmpdir(), "walras-token-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "token");
  return {
    path,
    write: (token, changedSeconds) => {
      writeFileSync(path, token);
      utimesSync(path, changedSeconds, changedSeconds);
    },
  };
}

describe("the token of Argo CD", () => {
  it("is read from its file anew within ten seconds of a change, and at once when it was refused", async () => {
    const clock = new VirtualClock();
    const file = tokenFile();
    file.write("first\n", 100);
    const source = tokenSource({ file: file.path, variable: "UNUSED" }, {}, () => clock.monotonicMs());
    expect(source.read()).toBe("first");
    file.write("second", 200);
    await clock.advance(9_000);
    expect(source.read()).toBe("first");
    await clock.advance(1_000);
    expect(source.read()).toBe("second");
    file.write("third", 300);
    expect(source.read()).toBe("second");
    source.lookAgain();
    expect(source.read()).toBe("third");
  });

  it("is in a variable where there is no file", () => {
    const source = tokenSource({ file: null, variable: "ARGO_TOKEN" }, { ARGO_TOKEN: " abc " }, () => 0);
    expect(source.read()).toBe("abc");
  });

  it("is missed by the name of the place it was looked for in", () => {
    const file = tokenFile();
    const fromFile = tokenSource({ file: file.path, variable: "T" }, { T: "abc" }, () => 0);
    expect(() => fromFile.read()).toThrow(`token file ${file.path}: "ENOENT"`);
    expect(() => tokenSource({ file: null, variable: "T" }, {}, () => 0).read()).toThrow("variable T");
    file.write("\n", 100);
    expect(() => fromFile.read()).toThrow("holds no token");
    unlinkSync(file.path);
  });

  it("is never in a complaint", () => {
    const source = tokenSource({ file: null, variable: "T" }, { T: "secret with\na line" }, () => 0);
    expect(() => source.read()).toThrow('variable T: "(hidden)"');
  });
});
