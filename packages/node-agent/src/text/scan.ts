import type { KernelText } from "./kernelText.ts";

const newline = 10;
const space = 32;
const zero = 48;
const nine = 57;

/** The name of a field as bytes; made once, compared often. */
export type FieldKey = Uint8Array;

/** @param name a field's name with what parts it from its value: "usage_usec " */
export function fieldKey(name: string): FieldKey {
  return Buffer.from(name, "latin1");
}

/** The unsigned integer that begins at `from` and ends at white space; NaN where none does. */
export function unsignedAt({ bytes, length }: KernelText, from: number): number {
  let value = 0;
  let at = from;
  for (; at < length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < zero || byte > nine) break;
    value = value * 10 + (byte - zero);
  }
  const ended = at >= length || (bytes[at] ?? 0) <= space;
  return at === from || !ended ? NaN : value;
}

/**
 * Where the value of the line that begins with `key` begins; -1 where no line does.
 *
 * @param from where a line begins; those before it are not looked at
 */
export function valueStart({ bytes, length }: KernelText, key: FieldKey, from = 0): number {
  for (let line = from; line < length;) {
    if (line + key.length <= length && beginsWith(bytes, line, key)) return line + key.length;
    const end = bytes.indexOf(newline, line);
    if (end < 0) return -1;
    line = end + 1;
  }
  return -1;
}

/** Where the line after the one at `from` begins; at the text's end where there is none. */
export function nextLine({ bytes, length }: KernelText, from: number): number {
  const end = bytes.indexOf(newline, from);
  return end < 0 ? length : end + 1;
}

/** Where the word after the one at `from` begins; -1 where the line ends before. */
export function nextWord({ bytes, length }: KernelText, from: number): number {
  let at = from;
  while (at < length && (bytes[at] ?? 0) > space) at += 1;
  while (at < length && bytes[at] === space) at += 1;
  return at < length && (bytes[at] ?? 0) > space ? at : -1;
}

/** Where the text is `word` and what follows begins; -1 where it is not in the text. */
export function afterWord({ bytes, length }: KernelText, word: FieldKey): number {
  const at = bytes.indexOf(word);
  return at < 0 || at + word.length > length ? -1 : at + word.length;
}

function beginsWith(bytes: Uint8Array, at: number, key: FieldKey): boolean {
  for (let index = 0; index < key.length; index += 1) if (bytes[at + index] !== key[index]) return false;
  return true;
}
