import { describe, expect, it } from "vitest";

import { gatedWrites, gateOf, NotAllowed, type Writes } from "./gate.ts";

/** A queue that runs a write when told to. */
class FakeWrites implements Writes {
  readonly #waiting: (() => Promise<unknown>)[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  enqueue({ write }: { readonly write: () => Promise<void> }): void {
    this.#waiting.push(write);
  }

  perform<T>({ write }: { readonly write: () => Promise<T> }): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => write().then(resolve, reject));
    });
  }

  async run(): Promise<void> {
    for (const write of this.#waiting.splice(0)) await write();
  }
}

function rig(): { state: { leads: boolean; troubles: string[] }; gate: ReturnType<typeof gateOf> } {
  const state = { leads: true, troubles: [] as string[] };
  return { state, gate: gateOf({ leads: () => state.leads }, () => state.troubles) };
}

describe("the gate", () => {
  it("is open for a leader with a current view, and says what shuts it", () => {
    const { state, gate } = rig();
    expect([gate.mayAct(), gate.why()]).toEqual([true, []]);
    state.troubles = ["pods: the watch is refused"];
    expect([gate.mayAct(), gate.why()]).toEqual([false, ["pods: the watch is refused"]]);
    state.leads = false;
    expect(gate.why()).toEqual(["this replica does not lead", "pods: the watch is refused"]);
  });

  it("is asked again when a write's turn has come", async () => {
    const { state, gate } = rig();
    const queue = new FakeWrites();
    const writes = gatedWrites(queue, gate);
    let written = 0;
    const write = (): Promise<number> => Promise.resolve((written += 1));
    const first = writes.perform({ key: "a", priority: 0, write });
    await queue.run();
    expect(await first).toBe(1);
    const second = writes.perform({ key: "a", priority: 0, write });
    writes.enqueue({
      key: "b",
      priority: 0,
      write: async () => {
        await write();
      },
    });
    state.leads = false;
    const refused = expect(second).rejects.toThrow(new NotAllowed("this replica does not lead"));
    await queue.run();
    await refused;
    expect(written).toBe(1);
  });
});
