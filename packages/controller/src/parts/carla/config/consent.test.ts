import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { silentLogger, VirtualClock } from "@walras/kit";
import { describe, expect, it, onTestFinished } from "vitest";

import { type Grant, OverrideConsent, type OverrideFile, type OverrideState } from "./consent.ts";
import { FileGrantMemory, overrideFile } from "./overrideFile.ts";

const start = Date.UTC(2026, 2, 28, 20);
const minute = 60_000;
const week = 7 * 24 * 60 * minute;
const yes = "carla.ops/override: true\n";

/** A file that a test changes, and processes that come and go and share what was granted. */
class Place {
  readonly clock = new VirtualClock(start);
  file: OverrideFile | null = null;
  grant: Grant | null = null;
  broken = false;

  put(says: string, ageMs = 0, dated = true): void {
    this.file = { says, text: says, changedMs: this.clock.wallMs() - ageMs, dated };
  }

  process(): OverrideConsent {
    return new OverrideConsent({
      file: "override.yaml",
      source: { read: () => this.file },
      memory: {
        read: () => this.grant,
        write: (grant) => {
          if (this.broken) throw new Error("EROFS");
          this.grant = grant;
        },
      },
      holdsMs: () => 45 * minute,
      clock: this.clock,
      logger: silentLogger,
    });
  }
}

const inForce = (fromMs: number, forMs = 45 * minute): OverrideState => ({
  kind: "in force",
  fromMs,
  untilMs: fromMs + forMs,
  detail: "",
});

describe("R2: the override", () => {
  it("that is weeks old approves nothing, whoever restarts", async () => {
    const place = new Place();
    place.put(yes, 3 * week);
    for (let life = 0; life < 3; life++) {
      expect(place.process().state().kind).toBe("over");
      await place.clock.advance(minute);
    }
  });

  it("counts once from when the file changed, and a restart does not begin it anew", async () => {
    const place = new Place();
    place.put(yes, 10 * minute);
    expect(place.process().state()).toEqual(inForce(start - 10 * minute));
    await place.clock.advance(20 * minute);
    place.put(yes, 0, false);
    expect(place.process().state()).toEqual(inForce(start - 10 * minute));
    await place.clock.advance(15 * minute);
    expect(place.process().state().kind).toBe("over");
  });

  it("counts from the change where it was seen, on whatever volume", async () => {
    const place = new Place();
    const life = place.process();
    expect(life.state().kind).toBe("none");
    await place.clock.advance(minute);
    place.put(yes, 0, false);
    expect(life.state()).toEqual(inForce(start + minute));
    await place.clock.advance(46 * minute);
    place.put(yes, 0, false);
    expect(life.state().kind).toBe("over");
  });

  it("is held where its time is not known: a volume of a ConfigMap is new with each pod", async () => {
    const place = new Place();
    place.put(yes, 0, false);
    const life = place.process();
    expect(life.state()).toMatchObject({ kind: "held", detail: expect.stringContaining("write until:") as string });
    await place.clock.advance(minute);
    expect(life.state().kind).toBe("held");
    place.put(`${yes}# once more\n`, 0, false);
    expect(life.state()).toEqual(inForce(start + minute));
  });

  it("that is saved again while it runs counts from then, but a copy that a restart finds does not", async () => {
    const place = new Place();
    place.put(yes);
    const life = place.process();
    life.state();
    await place.clock.advance(60 * minute);
    expect(life.state().kind).toBe("over");
    place.put(yes);
    expect(life.state()).toEqual(inForce(start + 60 * minute));
    await place.clock.advance(60 * minute);
    place.put(yes);
    const next = place.process();
    expect(next.state().kind).toBe("over");
    await place.clock.advance(minute);
    expect(next.state().kind).toBe("over");
  });

  it("is over where even the volume is older than it holds", () => {
    const place = new Place();
    place.put(yes, 50 * minute, false);
    expect(place.process().state().kind).toBe("over");
  });

  it("may say itself until when, and from when", async () => {
    const place = new Place();
    place.put(`${yes}until: 2026-03-28T22:00:00Z\n`, 0, false);
    expect(place.process().state()).toEqual(inForce(start, 120 * minute));
    place.put(`${yes}at: 2026-03-28T19:30:00Z\n`, 0, false);
    expect(place.process().state()).toEqual(inForce(start - 30 * minute));
    place.put(`${yes}at: 2026-03-28T20:30:00Z\n`);
    expect(place.process().state()).toMatchObject({ kind: "held", detail: "it has not begun" });
    place.put(`${yes}until: 2026-05-28T20:30:00Z\n`);
    expect(place.process().state()).toMatchObject({
      kind: "held",
      detail: expect.stringContaining("seven days") as string,
    });
    await place.clock.advance(week);
    place.put(`${yes}until: 2026-03-28T22:00:00Z\n`);
    expect(place.process().state().kind).toBe("over");
  });

  it.each([
    ["taken away", null],
    ["set to false", "carla.ops/override: false\n"],
  ])("that is %s and given again later is another", async (_, between) => {
    const place = new Place();
    const life = place.process();
    place.put(yes);
    life.state();
    await place.clock.advance(60 * minute);
    const before = place.file;
    if (between === null) place.file = null;
    else place.put(between);
    expect(life.state().kind).toBe("none");
    place.file = before;
    expect(life.state().kind).toBe("over");
    if (between === null) place.file = null;
    else place.put(between);
    life.state();
    place.put(yes);
    expect(life.state()).toEqual(inForce(start + 60 * minute));
  });

  it("is held where it cannot be written down that it was granted", () => {
    const place = new Place();
    place.put(yes);
    place.broken = true;
    expect(place.process().state()).toMatchObject({ kind: "held", detail: expect.stringContaining("EROFS") as string });
  });
});

describe("R2: the override file on disk", () => {
  const folder = (): string => {
    const made = mkdtempSync(join(tmpdir(), "override-"));
    onTestFinished(() => rmSync(made, { recursive: true }));
    return made;
  };

  it("has the time of its own change, but not behind a ConfigMap's links", () => {
    const at = folder();
    writeFileSync(join(at, "override.yaml"), yes);
    utimesSync(join(at, "override.yaml"), start / 1000, start / 1000);
    expect(overrideFile(join(at, "override.yaml")).read()).toMatchObject({ says: yes, changedMs: start, dated: true });
    mkdirSync(join(at, "..2026"));
    renameSync(join(at, "override.yaml"), join(at, "..2026", "override.yaml"));
    symlinkSync("..2026", join(at, "..data"));
    symlinkSync("..data/override.yaml", join(at, "override.yaml"));
    expect(overrideFile(join(at, "override.yaml")).read()).toMatchObject({ says: yes, changedMs: start, dated: false });
    expect(overrideFile(join(at, "none.yaml")).read()).toBeNull();
    expect(() => overrideFile(at).read()).toThrow("EISDIR");
  });

  it("has its grant kept, and one that cannot be read is doubted", () => {
    const memory = new FileGrantMemory(join(folder(), "runs", "override.json"));
    expect(memory.read()).toBeNull();
    const grant = { text: "abc", changedMs: 1, fromMs: 2 };
    memory.write(grant);
    expect(memory.read()).toEqual(grant);
    memory.write({ ...grant, text: 3 as unknown as string });
    expect(() => memory.read()).toThrow("override.json cannot be read");
  });
});
