import type { Clock, Timer } from "@walras/kit";
import type { ControllerMessage } from "@walras/proto";

import { agentLimits } from "../../bounds/agentLimits.ts";

/** A stream's way out, as gRPC has it. */
export interface Outlet {
  /** As much waits as may wait. */
  readonly writableNeedDrain: boolean;
  write(message: ControllerMessage): unknown;
  once(event: "drain", listener: () => void): unknown;
}

type Kind = NonNullable<ControllerMessage["message"]>["$case"];

/**
 * What an agent is told, at the pace at which it reads: where it is behind,
 * the newest message of each kind waits and replaces the one before. One that
 * reads nothing for 10 s is given up.
 */
export class Outbox {
  readonly #outlet: Outlet;
  readonly #clock: Clock;
  readonly #onUnread: () => void;
  readonly #waiting = new Map<Kind, ControllerMessage>();
  #unread: Timer | undefined;

  constructor(outlet: Outlet, clock: Clock, onUnread: () => void) {
    this.#outlet = outlet;
    this.#clock = clock;
    this.#onUnread = onUnread;
  }

  /** Messages that wait here; those under way are the stream's. */
  get size(): number {
    return this.#waiting.size;
  }

  send(message: ControllerMessage): void {
    if (!message.message) return;
    if (this.#unread === undefined && !this.#outlet.writableNeedDrain) {
      this.#outlet.write(message);
      return;
    }
    this.#waiting.set(message.message.$case, message);
    if (this.#unread !== undefined) return;
    this.#unread = this.#clock.after(agentLimits.unreadMs, this.#onUnread);
    this.#outlet.once("drain", () => this.#flush());
  }

  close(): void {
    this.#unread?.cancel();
    this.#waiting.clear();
  }

  #flush(): void {
    this.#unread?.cancel();
    this.#unread = undefined;
    for (const message of this.#waiting.values()) this.#outlet.write(message);
    this.#waiting.clear();
  }
}
