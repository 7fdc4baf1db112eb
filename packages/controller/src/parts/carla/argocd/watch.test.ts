import { describe, expect, it, onTestFinished, vi } from "vitest";
import { seededRng, silentLogger, systemClock } from "@walras/kit";

import { ArgoClient } from "./client.ts";
import { FakeArgo } from "./testing/fakeArgo.ts";
import { ApplicationWatch } from "./watch.ts";

interface Stage {
  readonly fake: FakeArgo;
  readonly watch: ApplicationWatch;
  readonly restarts: string[];
}

/** Waits that are minutes in production are fractions of a second here. */
const hurried = {
  ...systemClock,
  after: (delayMs: number, run: () => void) => systemClock.after(delayMs / 100, run),
  monotonicMs: () => systemClock.monotonicMs() * 100,
};

async function stage(prepare: (fake: FakeArgo) => void = () => undefined): Promise<Stage> {
  const fake = new FakeArgo();
  await fake.start();
  fake.add("a");
  fake.add("b", { namespace: "clinic-apps" });
  prepare(fake);
  const client = new ArgoClient({
    baseUrl: fake.url,
    token: () => fake.token,
    onUnauthorized: () => undefined,
    verifyTls: true,
    caPem: undefined,
    appNamespace: "argocd",
    onUnreadable: () => undefined,
  });
  const restarts: string[] = [];
  const watch = new ApplicationWatch({
    reader: client,
    clock: hurried,
    rng: seededRng(1),
    logger: silentLogger,
    observer: { restarted: (reason) => restarts.push(reason) },
  });
  watch.start();
  onTestFinished(async () => {
    await watch.stop();
    await client.close();
    await fake.stop();
  });
  return { fake, watch, restarts };
}

const within = { timeout: 5_000, interval: 10 };
const synced = ({ watch }: Stage): Promise<void> => vi.waitFor(() => expect(watch.isCurrent()).toBe(true), within);

describe("the watch of Applications", () => {
  it("is current when it has heard of all of them, and follows changes and deletions", async () => {
    const world = await stage();
    expect(world.watch.isCurrent()).toBe(false);
    await synced(world);
    expect([world.watch.get("argocd/a")?.revisions, world.watch.get("clinic-apps/b")?.sync]).toEqual([
      ["r1"],
      "OutOfSync",
    ]);
    const c = world.fake.add("c");
    world.fake.push(c, "r7");
    await vi.waitFor(() => expect(world.watch.get("argocd/c")?.revisions).toEqual(["r7"]), within);
    world.fake.remove(c);
    await vi.waitFor(() => expect(world.watch.get("argocd/c")).toBeUndefined(), within);
  });

  it.each([
    [false, "absent"],
    [true, "hidden"],
  ])(
    "R9: tells what is not there from what it may not see, where the account is restricted: %s",
    async (restricted, as) => {
      const world = await stage((fake) => void (fake.faults.restricted = restricted));
      await synced(world);
      await vi.waitFor(() => expect(world.watch.presence("argocd/nowhere")).toBe(as), within);
      expect(world.watch.presence("argocd/a")).toBe("present");
    },
  );

  it("opens the stream again when it ends", async () => {
    const world = await stage();
    await synced(world);
    world.fake.dropStreams();
    await vi.waitFor(() => expect(world.restarts.length).toBeGreaterThan(0), within);
    const c = world.fake.add("c");
    await vi.waitFor(() => expect(world.watch.get("argocd/c")?.uid).toBe(c.uid), within);
  });

  it("finds by a list what the stream never told, and opens another stream", async () => {
    const world = await stage();
    await synced(world);
    world.fake.faults.mute = true;
    const lost = world.fake.add("lost");
    await vi.waitFor(() => expect(world.watch.get("argocd/lost")?.uid).toBe(lost.uid), within);
    world.fake.remove(lost);
    await vi.waitFor(() => expect(world.watch.get("argocd/lost")).toBeUndefined(), within);
  });

  it("holds what it cannot read to be unknown, and goes on with the others", async () => {
    const world = await stage((fake) => fake.turn(fake.add("newer"), "Refreshing"));
    await synced(world);
    expect(world.watch.get("argocd/newer")).toBeUndefined();
    const a = world.fake.add("a2");
    world.fake.turn(a, "Healthy");
    await vi.waitFor(() => expect(world.watch.get("argocd/a2")?.health).toBe("Healthy"), within);
    world.fake.turn(a, "Refreshing");
    const unknown = { sync: "Unknown", health: "Unknown", uid: a.uid };
    await vi.waitFor(() => expect(world.watch.get("argocd/a2")).toMatchObject(unknown), within);
    const before = world.restarts.length;
    // Three lists long, each of which tells of two that cannot be read.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect([world.restarts.length, world.watch.isCurrent()]).toEqual([before, true]);
    world.fake.turn(a, "Healthy");
    await vi.waitFor(
      () => expect(world.watch.get("argocd/a2")).toMatchObject({ sync: "OutOfSync", health: "Healthy" }),
      within,
    );
  });

  it("reads one by one what a stream keeps back", async () => {
    const world = await stage((fake) => void (fake.faults.heldBack = true));
    await synced(world);
    expect([world.watch.get("argocd/a")?.revisions, world.watch.size]).toEqual([["r1"], 2]);
  });

  it("polls where streams do not work, and goes back to them when they do", async () => {
    const world = await stage((fake) => void (fake.faults.noStreams = true));
    await synced(world);
    const c = world.fake.add("c");
    await vi.waitFor(() => expect(world.watch.get("argocd/c")?.uid).toBe(c.uid), within);
    world.fake.faults.noStreams = false;
    world.fake.push(c, "r8");
    await vi.waitFor(() => expect(world.watch.get("argocd/c")?.revisions).toEqual(["r8"]), within);
  });

  it("is not current while nothing answers, and is again after", async () => {
    const world = await stage();
    await synced(world);
    world.fake.faults.down = true;
    world.fake.dropStreams();
    await vi.waitFor(() => expect(world.watch.isCurrent()).toBe(false), within);
    world.fake.faults.down = false;
    await synced(world);
  });

  it("lets nothing older replace something newer", async () => {
    const world = await stage();
    await synced(world);
    const now = world.watch.get("argocd/a")!;
    world.watch.put({ ...now, resourceVersion: "0", revisions: ["older"] });
    expect(world.watch.get("argocd/a")?.revisions).toEqual(["r1"]);
    world.watch.put({ ...now, resourceVersion: "99", revisions: ["newer"] });
    expect(world.watch.get("argocd/a")?.revisions).toEqual(["newer"]);
  });
});
