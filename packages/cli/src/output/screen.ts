/** What a table is printed on. */
export interface Screen {
  /** Columns; Infinity where it is no terminal. */
  readonly width: number;
  readonly colour: boolean;
}

/** As much of a stream as tells what it is. */
interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Without a terminal nothing is cut and nothing coloured, so that programs may read it; https://no-color.org. */
export function screenOf({ isTTY = false, columns = 80 }: Stream, env: NodeJS.ProcessEnv): Screen {
  const colour = isTTY && !env["NO_COLOR"] && env["TERM"] !== "dumb";
  return { width: isTTY ? columns : Infinity, colour };
}

const codes = { bold: "1", dim: "2", red: "31", green: "32", yellow: "33", cyan: "36" } as const;

export type Colour = keyof typeof codes;

/** The text in a colour, where there is colour. */
export function painted(text: string, colour: Colour | undefined, screen: Screen): string {
  return colour === undefined || !screen.colour ? text : `\u001B[${codes[colour]}m${text}\u001B[0m`;
}
