import { type Candidate, type GateContext, type Hold, hold } from "./hold.ts";
import { isConverged } from "./leftovers.ts";
import type { AppSnapshot, Descendant } from "./snapshot.ts";

/** What it depends on, and what that manages in turn, must be in sync, healthy and not under way. */
export function dependencyGate({ app }: Candidate, { stateOf }: GateContext): Hold | null {
  const unmet = app.dependsOn.map((name) => unmetBy(name, stateOf(name))).filter((one) => one !== null);
  return unmet.length === 0 ? null : hold("waits_for_dependency", `needs ${unmet.join(", ")}`);
}

function unmetBy(name: string, state: AppSnapshot | null): string | null {
  if (state === null) return `${name} (unknown)`;
  if (state.presence === "absent") return `${name} (no such application)`;
  if (state.presence === "hidden") return `${name} (no such application, or no right to read it)`;
  return unmetItself(name, state) ?? unmetBelow(name, state.descendants ?? []);
}

function unmetItself(name: string, state: Omit<Descendant, "name">): string | null {
  if (state.inFlight) return `${name} (its release is under way)`;
  if (isConverged(state) && state.health === "Healthy") return null;
  return `${name} (${state.sync}, ${state.health})`;
}

/** The first few: an app-of-apps may have hundreds. */
const mostNamed = 3;

function unmetBelow(name: string, descendants: readonly Descendant[]): string | null {
  const unmet = descendants.map((child) => unmetItself(child.name, child)).filter((one) => one !== null);
  if (unmet.length === 0) return null;
  const more = unmet.length > mostNamed ? ` and ${unmet.length - mostNamed} more` : "";
  return `${unmet.slice(0, mostNamed).join(", ")}${more} of ${name}`;
}
