import type { ApplicationState } from "../argocd/port.ts";
import { revisionKey } from "./release.ts";

/**
 * What to go back to: what this process knows to have been healthy, else what
 * Argo CD deployed before.
 *
 * @returns one revision for each source; null where there is nothing else than what failed
 */
export function rollbackTarget(
  { history }: Pick<ApplicationState, "history">,
  lastHealthy: readonly string[],
  failed: readonly string[],
): readonly string[] | null {
  const differs = (revisions: readonly string[]): boolean =>
    revisions.length > 0 && revisionKey(revisions) !== revisionKey(failed);
  if (differs(lastHealthy)) return lastHealthy;
  return history.findLast(({ revisions }) => differs(revisions))?.revisions ?? null;
}
