import type { Progress } from "../output/progress.ts";
import { readRecording } from "../record/file.ts";
import { type NamedPolicy, simulate, type Simulated } from "../simulate/simulate.ts";
import { recordedRow } from "./recorded.ts";
import { recast } from "./scenario.ts";

/**
 * A recording under other policies, as declared, and as it was measured.
 *
 * @throws FieldError
 */
export async function replay(file: string, policies: readonly NamedPolicy[], progress: Progress): Promise<Simulated> {
  const frames = await readRecording(file);
  const { scenario, seconds, warnings } = recast(frames, file);
  const played = await simulate(scenario, policies, seconds, progress);
  return {
    ...played,
    policies: [recordedRow(frames, seconds), ...played.policies],
    warnings: [...warnings, ...played.warnings],
  };
}
