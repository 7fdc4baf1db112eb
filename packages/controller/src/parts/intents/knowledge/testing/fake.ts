import type { KnowledgeBase, PlanEvent } from "../../loop/ports.ts";
import type { Effect } from "../../models/effects.ts";

/** A knowledge base of a test, which is away when it says so. */
export class FakeKnowledge implements KnowledgeBase {
  readonly recorded: PlanEvent[] = [];
  readonly learnt: Effect[] = [];
  away = false;
  /** Calls of any kind. */
  calls = 0;

  record(event: PlanEvent): Promise<void> {
    return this.#answer(() => void this.recorded.push(event));
  }

  events(intent: string, most: number): Promise<readonly PlanEvent[]> {
    return this.#answer(() => this.recorded.filter(({ name }) => name === intent).slice(-most));
  }

  effects(intent: string): Promise<readonly Effect[]> {
    return this.#answer(() => this.learnt.filter(({ name }) => name === intent));
  }

  learn(effect: Effect): Promise<void> {
    return this.#answer(() => void this.learnt.push(effect));
  }

  #answer<Found>(found: () => Found): Promise<Found> {
    this.calls += 1;
    return this.away ? Promise.reject(new Error("the knowledge base is away")) : Promise.resolve(found());
  }
}
