import { silentLogger, VirtualClock } from "@walras/kit";
import { ApiServer, inProcessTransport } from "@walras/sim/apiserver";
import { describe, expect, it } from "vitest";

import { LeaseMemory } from "../state/memory.ts";
import { type MemoryPort, ProcessMemory, Remembrance } from "./memory.ts";
import { ask, follow, operate, stage } from "./testing/stage.ts";
import { MemoryJournal } from "./journal.ts";
import { Tracks, type Verdict } from "./tracks.ts";

async function leaseMemory(): Promise<LeaseMemory> {
  const transport = inProcessTransport(new ApiServer({ clock: new VirtualClock() }));
  await transport.send({ method: "POST", path: "/api/v1/namespaces", body: { metadata: { name: "carla" } } });
  return new LeaseMemory(transport, "carla", silentLogger);
}

const verdict = (app: string, given: Partial<Verdict> = {}): Verdict => ({
  app,
  atMs: 1,
  condemnedRevision: "r2",
  settled: null,
  ...given,
});

describe("R13: what is held against revisions", () => {
  it("is known to a pod with an empty disk", async () => {
    const memory = await leaseMemory();
    const read = async (): Promise<ProcessMemory> =>
      Object.assign(new ProcessMemory(), { verdicts: await memory.read() });
    const first = stage(new MemoryJournal(), await read());
    await first.releaser.remember();
    await ask(first);
    operate(first, { health: "Degraded", reconciledAtMs: 200_000 });
    await follow(first, 62);
    await memory.write(first.memory.verdicts);
    const next = stage(new MemoryJournal(), await read());
    await next.releaser.remember();
    expect(next.tracks.track("metallb", next.clock.wallMs()).condemnedRevision).toBe("r2");
    // What it came to is known: the operation that is left is nobody's to follow once more.
    next.releaser.adopt("metallb", first.application);
    expect(next.releaser.inFlight()).toEqual([]);
  });

  it("is written again until it is, and never before what is there has been read", async () => {
    const clock = new VirtualClock();
    const kept = new ProcessMemory();
    kept.verdicts = [verdict("old")];
    let down = true;
    const port: MemoryPort = {
      read: () => kept.read(),
      write: (all) => (down ? Promise.reject(new Error("down")) : kept.write(all)),
    };
    const tracks = new Tracks();
    const remembrance = new Remembrance(port, tracks, { clock, logger: silentLogger });
    tracks.condemned("new", "r3", 5);
    await remembrance.keep();
    remembrance.recall(await remembrance.read());
    await remembrance.keep();
    expect(kept.verdicts.map(({ app }) => app)).toEqual(["old"]);
    down = false;
    await clock.advance(10_000);
    await remembrance.keep();
    expect(kept.verdicts.map(({ app }) => app)).toEqual(["old", "new"]);
  });

  it("is what is newer, of the journal's and of what was kept", () => {
    const tracks = new Tracks();
    tracks.condemned("a", "r3", 10);
    tracks.condemned("b", "r1", 10);
    tracks.recall(verdict("a", { atMs: 5 }));
    tracks.recall(verdict("b", { atMs: 20 }));
    expect(["a", "b"].map((app) => tracks.track(app, 30).condemnedRevision)).toEqual(["r3", "r2"]);
  });

  it("is bounded: the newest are kept", async () => {
    const memory = await leaseMemory();
    const many = Array.from({ length: 5_000 }, (_, index) => verdict(`app-${index}`.padEnd(60, "x"), { atMs: index }));
    await memory.write(many);
    const kept = await memory.read();
    expect(kept.length).toBeGreaterThan(1_000);
    expect(kept.at(-1)).toEqual(many.at(-1));
  });

  it("is forgotten when nothing is held any more, and what cannot be read is left out", async () => {
    const memory = await leaseMemory();
    await memory.write([verdict("a")]);
    await memory.write([]);
    expect(await memory.read()).toEqual([]);
    await memory.write([{ app: "b" } as Verdict, verdict("c")]);
    expect((await memory.read()).map(({ app }) => app)).toEqual(["c"]);
  });
});
