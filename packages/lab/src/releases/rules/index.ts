import type { ReleaseRule } from "../rule.ts";
import { Fifo, FifoCareful, FifoInWindow } from "./fifo.ts";
import { Greedy } from "./greedy.ts";
import { Prototype } from "./prototype.ts";
import { Walras } from "./walras.ts";
import { Waves } from "./waves.ts";

/** Every rule as it begins a week: rules remember. */
export function newRules(): readonly ReleaseRule[] {
  return [new Fifo(), new Waves(), new Greedy(), new Prototype(), new FifoInWindow(), new FifoCareful(), new Walras()];
}
