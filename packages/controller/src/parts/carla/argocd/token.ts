import { readFileSync, statSync } from "node:fs";

import { errorAt } from "@walras/kit";

export interface TokenSource {
  /** The token of this moment. @throws FieldError naming where it was looked for, never the token */
  read(): string;
  /** It was refused: it may have been replaced. */
  lookAgain(): void;
}

const lookEveryMs = 10_000;

/** The token in a file, read again when the file changes, or else in a variable. */
export function tokenSource(
  where: { readonly file: string | null; readonly variable: string },
  env: NodeJS.ProcessEnv,
  monotonicMs: () => number,
): TokenSource {
  const { file, variable } = where;
  let known = { token: "", changedMs: -1, lookedMs: -Infinity };
  const fromFile = (path: string): string => {
    if (monotonicMs() - known.lookedMs < lookEveryMs && known.token !== "") return known.token;
    const changedMs = statSync(path).mtimeMs;
    const token = changedMs === known.changedMs ? known.token : readFileSync(path, "utf8").trim();
    known = { token, changedMs, lookedMs: monotonicMs() };
    return token;
  };
  return {
    read: () => {
      if (file !== null) return present(() => fromFile(file), `token file ${file}`);
      return present(() => (env[variable] ?? "").trim(), `variable ${variable}`);
    },
    lookAgain: () => {
      known = { token: "", changedMs: -1, lookedMs: -Infinity };
    },
  };
}

function present(read: () => string, where: string): string {
  let token: string;
  try {
    token = read();
  } catch (error) {
    throw errorAt(where, (error as NodeJS.ErrnoException).code, "Argo CD's token cannot be read");
  }
  if (token === "") throw errorAt(where, "", "holds no token of Argo CD");
  if (/[^\x21-\x7e]/.test(token)) throw errorAt(where, "(hidden)", "holds something that is no token");
  return token;
}
