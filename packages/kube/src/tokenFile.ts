import { readFileSync } from "node:fs";

/** A projected token is replaced long before it ends; reading it this often is enough. */
const tokenReadEveryMs = 30_000;

/** The token in a file that is replaced now and then. @throws where the file cannot be read */
export function rereadToken(file: string, monotonicMs: () => number): () => string {
  let token = "";
  let readAtMs = -Infinity;
  return () => {
    if (monotonicMs() - readAtMs >= tokenReadEveryMs) {
      token = readFileSync(file, "utf8").trim();
      readAtMs = monotonicMs();
    }
    return token;
  };
}
