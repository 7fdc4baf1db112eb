import type { CpuGroup } from "./cpuGroup.ts";

const negligible = 1e-12;

/**
 * Shares `cores` among `children` by weight, none above its allowedCores:
 * weighted max-min fairness, which is what CFS converges to. The result is in
 * each child's grantedCores. Runs in place and allocates nothing.
 */
export function waterFill(children: readonly CpuGroup[], cores: number): void {
  for (const child of children) child.grantedCores = 0;
  let left = cores;
  let weight = hungryWeight(children);
  while (left > negligible && weight > 0) {
    const level = left / weight;
    const satisfied = satisfyBelow(children, level);
    if (satisfied === 0) {
      raiseTo(children, level);
      return;
    }
    left -= satisfied;
    weight = hungryWeight(children);
  }
}

function isHungry(child: CpuGroup): boolean {
  return child.allowedCores - child.grantedCores > negligible;
}

function hungryWeight(children: readonly CpuGroup[]): number {
  let sum = 0;
  for (const child of children) if (isHungry(child)) sum += child.weight;
  return sum;
}

/** Gives all they want to those whose share covers it; returns what that took. */
function satisfyBelow(children: readonly CpuGroup[], level: number): number {
  let taken = 0;
  for (const child of children) {
    if (!isHungry(child) || child.allowedCores > level * child.weight) continue;
    taken += child.allowedCores;
    child.grantedCores = child.allowedCores;
  }
  return taken;
}

function raiseTo(children: readonly CpuGroup[], level: number): void {
  for (const child of children) if (isHungry(child)) child.grantedCores = level * child.weight;
}
