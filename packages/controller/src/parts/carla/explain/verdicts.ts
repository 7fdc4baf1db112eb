import type { VerdictKind } from "../../../base/told/decision.ts";
import { type HoldReason, holdReasons } from "../decide/decision.ts";

const held: VerdictKind = { about: "Application", event: "Normal", meaning: "what holds it back" };

type Held = `Held${string}`;

/** low_headroom is HeldLowHeadroom: Events of one reason are counted together, and each hold is worth its own. */
export function heldVerdict(reason: HoldReason): Held {
  return `Held${reason.replaceAll(/(?:^|_)([a-z])/gi, (_, letter: string) => letter.toUpperCase())}`;
}

export type CarlaVerdict =
  | Held
  | "ReleaseStarted"
  | "ReleaseSucceeded"
  | "ReleaseFailed"
  | "ReleaseWithdrawn"
  | "ReleaseRolledBack"
  | "ReleaseRefused"
  | "InvalidAnnotation"
  | "OverrideInForce"
  | "OverrideHeld";

/** What CARLA tells of Applications. */
export const carlaVerdicts: Readonly<Record<CarlaVerdict, VerdictKind>> = {
  ...(Object.fromEntries(holdReasons.map((reason) => [heldVerdict(reason), held])) as Record<Held, VerdictKind>),
  ReleaseStarted: { about: "Application", event: "Normal", meaning: "a release begins" },
  ReleaseSucceeded: { about: "Application", event: "Normal", meaning: "it is healthy" },
  ReleaseFailed: { about: "Application", event: "Warning", meaning: "why it failed" },
  ReleaseWithdrawn: { about: "Application", event: "Normal", meaning: "it was taken back before it was done" },
  ReleaseRolledBack: { about: "Application", event: "Warning", meaning: "it goes back to what was healthy" },
  ReleaseRefused: { about: "Application", event: "Warning", meaning: "what Argo CD refused" },
  InvalidAnnotation: { about: "Application", event: "Warning", meaning: "an annotation that cannot be understood" },
  OverrideInForce: {
    about: "Application",
    event: "Warning",
    meaning: "the override file approves it, from when to when",
  },
  OverrideHeld: { about: "Application", event: "Warning", meaning: "why the override file approves nothing" },
};
