import type { ForeignPlan, PlanCarrier } from "./ports.ts";

/** Notes what it was asked for. */
export class FakeCarrier implements PlanCarrier {
  readonly performed: { readonly actuator: string; readonly plan: ForeignPlan }[] = [];
  readonly learnt: string[] = [];
  /** What it fails with; null: it does not. */
  failure: Error | null = null;

  perform(actuator: string, plan: ForeignPlan): Promise<void> {
    this.performed.push({ actuator, plan });
    return this.failure === null ? Promise.resolve() : Promise.reject(this.failure);
  }

  learn(actuator: string, intent: string): Promise<void> {
    this.learnt.push(`${actuator} ${intent}`);
    return this.failure === null ? Promise.resolve() : Promise.reject(this.failure);
  }
}
