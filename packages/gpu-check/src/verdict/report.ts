/** What can be said of a pod, the gravest first; a pod is called by the gravest of its findings. */
export const states = [
  "pod missing",
  "not answering",
  "wrong node",
  "missing variable",
  "GPU lost",
  "wrong GPU",
  "double booked",
  "foreign process",
  // Unknown is not well.
  "not proven",
  "ok",
] as const;

export type State = (typeof states)[number];

export interface Finding {
  readonly state: Exclude<State, "ok">;
  /** Names what was expected and what is. */
  readonly message: string;
}

/** The verdict on one pod of the map. */
export interface Row {
  readonly podIndex: number;
  readonly state: State;
  readonly findings: readonly Finding[];
  readonly expected: { readonly node: string; readonly gpus: readonly string[] };
  /** null: nothing was heard of it. */
  readonly seen: {
    readonly node: string | null;
    readonly cudaVisibleDevices: string | null;
    /** What a program would see; `#` and a number where no UUID is known. */
    readonly gpus: readonly string[];
    /** Whether devices were looked at, or the variable alone. */
    readonly by: "devices" | "variable";
  } | null;
}

export interface Report {
  /** Whether each pod of the map is where it should be, with what it should have, alone. */
  readonly green: boolean;
  readonly rows: readonly Row[];
}

export function gravest(findings: readonly Finding[]): State {
  return states.find((state) => findings.some((finding) => finding.state === state)) ?? "ok";
}
