export {
  type ApplicationState,
  type HealthStatus,
  healthStatuses,
  type SyncStatus,
  syncStatuses,
} from "./argocd/port.ts";
export {
  type AppPolicy,
  type ReleaseConfig,
  ReleaseConfigError,
  type ReleasePolicy,
  readReleaseConfig,
} from "./config/index.ts";
export type { ReleaseDecision } from "./decide/decision.ts";
export { decide } from "./decide/decide.ts";
export {
  type AppSnapshot,
  type Approval,
  type Change,
  type ReleaseSnapshot,
  untracked,
  type Usage,
} from "./decide/snapshot.ts";
export { type Answer, answerOf } from "./explain/answer.ts";
export { headroomOf } from "./headroom/headroom.ts";
export { openingAt } from "./calendar/open.ts";
export {
  type Calendar,
  type DaySelector,
  type Opening,
  type ReleaseWindow,
  type Weekday,
  weekdays,
} from "./calendar/calendar.ts";
export { effectiveRisk } from "./change/risk.ts";
export { applicationResource, approvalPatch } from "./release/approval.ts";
export { planLive } from "./live.ts";
export type { Weights } from "./config/policy.ts";
export { Tracks } from "./release/tracks.ts";
