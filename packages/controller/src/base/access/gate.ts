/**
 * Whether this process may act at this very moment: it leads, and what the
 * asker decides from is whole and current. Every decision and every write asks
 * here and nowhere else; a write asks once more when its turn has come.
 */
export interface Gate {
  readonly mayAct: () => boolean;
  /** What forbids it; empty: nothing. */
  readonly why: () => readonly string[];
}

/** @param troubles what is wrong with the view that the asker decides from; empty: nothing */
export function gateOf(leadership: { leads(): boolean }, troubles: () => readonly string[]): Gate {
  const why = (): readonly string[] => [...(leadership.leads() ? [] : ["this replica does not lead"]), ...troubles()];
  return { why, mayAct: () => leadership.leads() && troubles().length === 0 };
}

/** A write as the queue takes it. */
interface QueuedWrite<T> {
  readonly key: string;
  readonly priority: number;
  readonly write: () => Promise<T>;
}

/** The queue of writes, as far as a part uses it. */
export interface Writes {
  /** How many wait for their turn. */
  readonly length: number;
  enqueue(write: QueuedWrite<void>): void;
  perform<T>(write: QueuedWrite<T>): Promise<T>;
}

/** Who decided when he might must still be allowed to act when the write's turn has come. */
export class NotAllowed extends Error {
  override readonly name = "NotAllowed";
}

/** The queue for one part: each write asks the gate in its turn, and is dropped where that is shut. */
export function gatedWrites(writes: Writes, gate: Gate): Writes {
  return {
    get length() {
      return writes.length;
    },
    enqueue: ({ write, ...rest }) =>
      writes.enqueue({ ...rest, write: () => (gate.mayAct() ? write() : Promise.resolve()) }),
    perform: ({ write, ...rest }) =>
      writes.perform({
        ...rest,
        write: () => (gate.mayAct() ? write() : Promise.reject(new NotAllowed(gate.why().join(", ")))),
      }),
  };
}
