/** What one policy did to one service. */
export interface Outcome {
  readonly row: string;
  readonly policy: string;
  readonly requestMilli: number;
  readonly limitMilli: number | null;
  /** Before anything was counted. */
  readonly learningThrottledSeconds: number;
  readonly throttledSeconds: number;
  readonly cpuMilli: number;
  readonly othersMilli: number;
  readonly resizes: number;
  readonly latenciesMs: readonly number[];
  readonly failed: number;
}
