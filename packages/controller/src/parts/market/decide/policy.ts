/** How the market reads demand and how fast it moves. One value for the whole controller. */
export interface MarketPolicy {
  /** No container is given less than this, in request or limit. */
  readonly minMilli: number;
  /** The least a tight limit aims at: room for a sleeper to wake up in. It reserves nothing. */
  readonly idleLimitMilli: number;
  /** Kept back of what may be promised beyond what was declared; a node with less CPU idle is used up. */
  readonly reserveFraction: number;
  /** No request is below what was declared over this. */
  readonly overbook: number;
  /** Half-life of demand that has fallen, as far as it competes with others'. */
  readonly wantedHalfLifeMs: number;
  /** An ample limit is so many times the most that was needed lately. */
  readonly ampleFactor: number;
  /** Ample limits are the declared one times a power of this, so that they seldom change. */
  readonly ampleStep: number;
  /** How long a surge of demand counts in full before it fades. */
  readonly surgeHoldMs: number;
  readonly surgeHalfLifeMs: number;
  /** CPU must have been scarce for so long before anybody is rationed: kernel weights protect meanwhile. */
  readonly scarceAfterMs: number;
  /** Rations go on while no more of the node than this is idle in a second. */
  readonly rationIdleFraction: number;
  /** Half-life of what others were measured to use, where it falls. */
  readonly othersHalfLifeMs: number;
  /** On a node that is used up, who is not throttled may want so much more than it gets. */
  readonly contendedGrowth: number;
  /** Nothing is cut before a container has been seen for so long, and its pod is Ready. */
  readonly steadyAfterMs: number;
  /** A container that starts may have a limit of the whole node for so long. */
  readonly boostMs: number;
  /** How long a peak of demand counts in full before it fades. */
  readonly peakHoldMs: number;
  /** Half-life of a faded peak. */
  readonly peakHalfLifeMs: number;
  /** Half-life of the mean that requests follow, where it falls. */
  readonly meanHalfLifeMs: number;
  /** The same where it rises. */
  readonly risingHalfLifeMs: number;
  /** Relative headroom of a limit over demand, before throttling teaches more. */
  readonly minMargin: number;
  readonly maxMargin: number;
  /** Half-life of what throttling has taught. */
  readonly marginHalfLifeMs: number;
  /** Share of throttled periods that is accepted. */
  readonly targetThrottledRatio: number;
  /** A container throttled in every period is taken to want up to 1 + this times its usage. */
  readonly throttledGrowth: number;
  /** Throttling this soon after a shrink takes the shrink back. */
  readonly rollbackWindowMs: number;
  /** After a rollback nothing shrinks for so long. */
  readonly rollbackHoldMs: number;
  /** A sample older than this holds the container where it is. */
  readonly staleAfterMs: number;
  /** After this long without a sample the bid is what its owner declared. */
  readonly forgetAfterMs: number;
  /** Credits a pod can gain or owe: this many seconds of its fair share. */
  readonly creditSpanSeconds: number;
  /** A change smaller than this waits, unless a bound or throttling asks for it. */
  readonly leastStepMilli: number;
  /** A raise of a limit smaller than this share of the current value waits. */
  readonly raiseDeadband: number;
  /** A ration that moves by less than this share waits, up and down. */
  readonly rationDeadband: number;
  /** The same of a request, up and down; it reserves, so that it need not follow every move. */
  readonly requestDeadband: number;
  /** A cut smaller than this share of the current value waits. */
  readonly cutDeadband: number;
  /** At least so long between two cuts of one pod. */
  readonly cutCooldownMs: number;
}

/** Measured on recorded request rates: see the outcome benchmark. */
export const defaultMarketPolicy: MarketPolicy = {
  minMilli: 10,
  idleLimitMilli: 50,
  ampleFactor: 2,
  ampleStep: 1.5,
  surgeHoldMs: 600_000,
  surgeHalfLifeMs: 3_600_000,
  scarceAfterMs: 10_000,
  rationIdleFraction: 0.2,
  othersHalfLifeMs: 5_000,
  contendedGrowth: 0.1,
  steadyAfterMs: 60_000,
  boostMs: 120_000,
  reserveFraction: 0.05,
  overbook: 4,
  wantedHalfLifeMs: 1_000,
  peakHoldMs: 60_000,
  peakHalfLifeMs: 60_000,
  meanHalfLifeMs: 600_000,
  risingHalfLifeMs: 60_000,
  minMargin: 0.1,
  maxMargin: 1,
  marginHalfLifeMs: 120_000,
  targetThrottledRatio: 0.02,
  throttledGrowth: 3,
  rollbackWindowMs: 5_000,
  rollbackHoldMs: 20_000,
  staleAfterMs: 3_500,
  forgetAfterMs: 30_000,
  creditSpanSeconds: 300,
  leastStepMilli: 20,
  raiseDeadband: 0.05,
  rationDeadband: 0.1,
  requestDeadband: 0.2,
  cutDeadband: 0.1,
  cutCooldownMs: 10_000,
};
