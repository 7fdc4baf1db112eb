import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { appendCsvRow } from "@walras/kit";

import { columns, type LoopResult, valuesOf } from "./row.ts";

/** A row at the end of the CSV file; a cell is empty where nothing is known. */
export function appendResult(file: string, result: LoopResult): Promise<void> {
  const values = valuesOf(result);
  return appendCsvRow(
    { file, columns },
    columns.map((column) => values[column] ?? ""),
  );
}

const longestName = 64;

/** Writes an annotated picture; its name tells loop, sender and time, and never leaves the folder. */
export async function savePicture(
  folder: string,
  { loop, piId, receivedAtMs }: Pick<LoopResult, "loop" | "piId" | "receivedAtMs">,
  jpeg: Uint8Array,
): Promise<string> {
  const sender = piId.replaceAll(/[^\w-]/g, "_").slice(0, longestName);
  const time = new Date(receivedAtMs).toISOString().replaceAll(/[^\dTZ]/g, "");
  const file = join(folder, `${String(loop).padStart(2, "0")}-${sender}-${time}.jpg`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, jpeg);
  return file;
}
