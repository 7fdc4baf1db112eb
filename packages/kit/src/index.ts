export { Backoff, type BackoffBounds } from "./backoff.ts";
export { type Clock, sleep, systemClock, type Timer, VirtualClock } from "./clock.ts";
export { appendCsvRow, type CsvCell, type CsvTable } from "./csv.ts";
export { parseDuration } from "./duration.ts";
export { describeError, errorAt, FieldError, InputError } from "./errors.ts";
export { Lifecycle, type Runnable } from "./lifecycle.ts";
export {
  createLogger,
  type LogFormat,
  logFormats,
  type Logger,
  type LogLevel,
  logLevels,
  silentLogger,
} from "./logger.ts";
export { nearestOf } from "./nearest.ts";
export { NumberRows } from "./numberRows.ts";
export { Once } from "./once.ts";
export { type Answered, Polled, type PolledOptions } from "./polled.ts";
export { Repeating, type RepeatingObserver, type RepeatingOptions } from "./repeating.ts";
export { report } from "./report.ts";
export { type Rng, seededRng, systemRng } from "./rng.ts";
export { meets, type Requirement, requirementsOf, selects } from "./selector.ts";
export { shutdownSignal } from "./signals.ts";
export { together } from "./together.ts";
export { TokenBucket } from "./tokenBucket.ts";
export { formatCpu, type Millicores, parseCpu, parseQuantity } from "./units.ts";
export { parseWith } from "./validation.ts";
