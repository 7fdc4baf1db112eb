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
    for (const id of ids) this.releases.set(id, { id, phase: "syncing", begunMs: 0 });
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

  it("may be more while it begins at once, also where it is over before anybody looks", async () => {
    const followed = new Followed();
    followed.ask("x", "y");
    await followed.clock.advance(200);
    followed.pacing.look();
    followed.begin("x");
    followed.releases.delete("y");
    await followed.seconds(1);
    expect(followed.pacing.queue()).toMatchObject({ notBegun: 0, most: 8, waitMs: 1_200 });
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
