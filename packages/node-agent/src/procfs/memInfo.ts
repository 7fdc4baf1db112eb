import type { KernelText } from "../text/kernelText.ts";
import { type FieldKey, fieldKey, nextWord, unsignedAt, valueStart } from "../text/scan.ts";

/** Memory of a machine; null where the kernel does not tell. */
export interface Memory {
  readonly totalBytes: number | null;
  readonly availableBytes: number | null;
}

const totalKey = fieldKey("MemTotal:");
const availableKey = fieldKey("MemAvailable:");
const bytesPerKibibyte = 1024;

/** MemTotal and MemAvailable of /proc/meminfo, which is in kibibytes. */
export function parseMemInfo(text: KernelText): Memory {
  return { totalBytes: bytesOf(text, totalKey), availableBytes: bytesOf(text, availableKey) };
}

function bytesOf(text: KernelText, key: FieldKey): number | null {
  const start = valueStart(text, key);
  if (start < 0) return null;
  const kibibytes = unsignedAt(text, text.bytes[start] === 32 ? nextWord(text, start) : start);
  return Number.isNaN(kibibytes) ? null : kibibytes * bytesPerKibibyte;
}
