import { appendFile, mkdir, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";

export type CsvCell = string | number;

export interface CsvTable {
  readonly file: string;
  readonly columns: readonly string[];
  /** More than this and the file is put aside as FILE.1, one generation. Without it the file only grows. */
  readonly mostBytes?: number;
}

/** Writes a row at the end of a file that it makes, header and folder included, when it is not there. */
export async function appendCsvRow(table: CsvTable, row: readonly CsvCell[]): Promise<void> {
  const { file, columns, mostBytes = Infinity } = table;
  await mkdir(dirname(file), { recursive: true });
  const size = await sizeOf(file);
  if (size > mostBytes) await rename(file, `${file}.1`);
  const header = size === 0 || size > mostBytes ? `${columns.join(",")}\n` : "";
  await appendFile(file, `${header}${row.map(cell).join(",")}\n`);
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}

/** RFC 4180. */
function cell(value: CsvCell): string {
  const text = String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
