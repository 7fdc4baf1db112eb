/** How a number comes about, but for what it is made of now. */
export interface ExplainedNumber {
  readonly title: string;
  /** Empty: a plain count, or a ratio. */
  readonly unit: string;
  readonly formula: string;
  readonly source: string;
  /** Numbers of the strip that it is made of. */
  readonly of?: readonly string[];
}

export const agents = "what agents read from the kernel's cgroups and /proc, each second";
export const apiServer = "the API server, watched";
export const rounds = "the last round of each node's market";
export const money = "--core-hour-price, and the API server, watched";
