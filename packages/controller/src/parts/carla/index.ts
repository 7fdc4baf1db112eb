export type { ApplicationState } from "./argocd/port.ts";
export {
  type AppPolicy,
  type ReleaseConfig,
  ReleaseConfigError,
  type ReleasePolicy,
  readReleaseConfig,
} from "./config/index.ts";
export { applicationsIn } from "./config/named.ts";
export type { ReleaseDecision } from "./decide/decision.ts";
export { decide } from "./decide/decide.ts";
export {
  type AppSnapshot,
  type Approval,
  type Change,
  type HealthStatus,
  healthStatuses,
  type ReleaseSnapshot,
  type SyncStatus,
  syncStatuses,
  untracked,
  type Usage,
} from "./decide/snapshot.ts";
export { type Answer, answerOf } from "./explain/answer.ts";
export { headroomOf } from "./decide/headroom.ts";
export { openingAt } from "./calendar/open.ts";
export {
  type Calendar,
  type DaySelector,
  type Opening,
  type ReleaseWindow,
  type Weekday,
  weekdays,
} from "./calendar/calendar.ts";
export { effectiveRisk } from "./decide/risk.ts";
export { applicationResource, approvalPatch } from "./act/approval.ts";
export { planLive } from "./live.ts";
export type { Freeze, Weights } from "./config/policy.ts";
export { freezeNote, freezeText, readFreeze } from "./state/freezeNote.ts";
export { Tracks } from "./act/tracks.ts";
