import { BoundedLines } from "./boundedLines.ts";
import { type GpuDetail, DetailParser } from "./gpuDetails.ts";
import type { MigDevice } from "./gpuState.ts";
import { type MigName, MigListParser } from "./migList.ts";
import { type SmiProgram, startSmi } from "./smiProcess.ts";

/** Some 130 GPUs of the drivers that write most. */
const mostBytes = 16 * 1024 * 1024;
const deadlineMs = 60_000;

/** MIG devices were made or removed while they were read. */
export class TornReadError extends Error {}

/** A GPU's details, its MIG devices by name. */
export interface NamedDetail extends GpuDetail {
  readonly migDevices: readonly MigDevice[];
}

/**
 * Reads what the loop cannot tell: one run of `-q -x`, and one of `-L` where
 * there are MIG devices, which it alone calls by name. One after the other.
 *
 * @throws Error with what nvidia-smi said; TornReadError where the two do not fit
 */
export async function readDetails(program: SmiProgram, signal: AbortSignal): Promise<readonly NamedDetail[]> {
  const parser = new DetailParser();
  await runSmi(program, ["-q", "-x"], signal, (text) => parser.push(text));
  const details = parser.end();
  const names = details.some(({ migPlaces }) => migPlaces.length > 0) ? await readNames(program, signal) : [];
  return details.map((detail) => ({ ...detail, migDevices: named(detail, names) }));
}

async function readNames(program: SmiProgram, signal: AbortSignal): Promise<readonly MigName[]> {
  const parser = new MigListParser();
  const lines = new BoundedLines((line) => parser.line(line));
  await runSmi(program, ["-L"], signal, (text) => lines.push(text));
  lines.end();
  return parser.end();
}

/** @throws TornReadError */
function named({ uuid: gpuUuid, migPlaces }: GpuDetail, names: readonly MigName[]): readonly MigDevice[] {
  const own = names.filter((name) => name.gpuUuid === gpuUuid);
  if (own.length !== migPlaces.length) throw new TornReadError(`the MIG devices of ${gpuUuid} changed meanwhile`);
  return migPlaces.map(({ index, gpuInstance, computeInstance, memoryTotalMiB }) => {
    const name = own.find((one) => one.index === index);
    if (name === undefined) throw new TornReadError(`MIG device ${index} of ${gpuUuid} changed meanwhile`);
    return { uuid: name.uuid, profile: name.profile, gpuInstance, computeInstance, memoryTotalMiB };
  });
}

/** @throws Error what it said, or where it wrote too much, took too long or was stopped */
async function runSmi(
  program: SmiProgram,
  args: readonly string[],
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<void> {
  let bytes = 0;
  let began = "";
  let wrong: unknown = null;
  const run = startSmi(program, args, (text) => {
    bytes += text.length;
    if (wrong !== null) return;
    if (began.length < 200) began = (began + text).slice(0, 200);
    try {
      if (bytes > mostBytes) throw new Error("it writes without end");
      onText(text);
    } catch (error) {
      wrong = error;
      run.kill();
    }
  });
  const stop = (): void => run.kill();
  const deadline = program.clock.after(deadlineMs, () => {
    wrong = new Error(`no answer in ${deadlineMs / 1000} s`);
    run.kill();
  });
  signal.addEventListener("abort", stop, { once: true });
  const end = await run.ended;
  deadline.cancel();
  signal.removeEventListener("abort", stop);
  const command = `nvidia-smi ${args.join(" ")}`;
  if (wrong !== null) throw new Error(command, { cause: wrong });
  if (end.ok) return;
  const words = [oneLine(began), end.complaint, `(${end.how})`].filter((text) => text !== "");
  throw new Error(`${command}: ${words.join(" ")}`);
}

function oneLine(text: string): string {
  return text.startsWith("<") ? "" : text.trim().replaceAll(/\s+/g, " ");
}
