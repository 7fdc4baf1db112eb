import { VirtualClock } from "@walras/kit";
import { describe, expect, it } from "vitest";

import { Pacing } from "./pacing.ts";
import type { Release } from "./release.ts";

/** Releases that a test moves, looked at each second. */
class Followed {
  readonly clock = new VirtualClock();
  readonly releases = new Map<string, Pick<Release, "id" | "phase" | "begunMs">>();
  readonly pacing = new Pacing({
    releases: { inFlight: () => [...this.releases.values()] as Release[] },
    clock: this.clock,
  });

  ask(...ids: readonly string[]): void {
    for (const id of ids) this.releases.set(id, { id, phase: "asked", begunMs: this.clock.monotonicMs() });
  }

  begin(...ids: readonly string[]): void {
    for (const id of ids) {
      const asked = this.releases.get(id);
      if (asked) this.releases.set(id, { ...asked, phase: "syncing" });
    }
  }

  async seconds(count: number): Promise<void> {
    for (let second = 0; second < count; second += 1) {
      await this.clock.advance(1_000);
      this.pacing.look();
    }
  }
}

describe("what Argo CD has yet to begin", () => {
  it("is counted from the moment it was asked for", () => {
    const followed = new Followed();
    followed.ask("x", "y");
    expect(followed.pacing.queue()).toMatchObject({ notBegun: 2, most: 4 });
    followed.begin("x");
    expect(followed.pacing.queue().notBegun).toBe(1);
  });

  it("may be more while it begins at once as much as may be", async () => {
    const followed = new Followed();
    followed.ask("w", "x", "y", "z");
    await followed.clock.advance(200);
    followed.pacing.look();
    followed.begin("w", "x", "y");
    followed.releases.delete("z");
    await followed.seconds(1);
    expect(followed.pacing.queue()).toEqual({ notBegun: 0, most: 8, waitMs: 1_200 });
  });

  it("may be more also where no look has seen it wait", async () => {
    const followed = new Followed();
    followed.pacing.look();
    await followed.clock.advance(100);
    followed.ask("w", "x", "y", "z");
    followed.begin("w", "x", "y", "z");
    await followed.seconds(1);
    expect(followed.pacing.queue()).toEqual({ notBegun: 0, most: 8, waitMs: 1_000 });
  });

  it("may be ever less while it does not, and the wait is known", async () => {
    const followed = new Followed();
    followed.ask("x", "y", "z");
    await followed.seconds(5);
    expect(followed.pacing.queue()).toEqual({ notBegun: 3, most: 1, waitMs: 5_000 });
  });

  it("is not what never begins: the others go on", async () => {
    const followed = new Followed();
    followed.ask("stuck");
    await followed.seconds(30);
    expect(followed.pacing.queue()).toMatchObject({ notBegun: 0, most: 1 });
    followed.ask("x");
    followed.pacing.look();
    followed.begin("x");
    await followed.seconds(1);
    expect(followed.pacing.queue()).toMatchObject({ notBegun: 0, most: 2 });
  });
});
