const quantity = /^(\d+(?:\.\d+)?)(?: ?(?:MiB|W|C|%))?$/;
/** The CSV form puts what is no value into brackets; the XML form does not. */
const noValue = /^(?:|N\/A|ERR!|None|\[.*\]|Not Supported|Not Found|Unknown Error|Insufficient Permissions)$/i;
const deviceFailure = /GPU is lost|requires? reset|reset required/i;
const errorWord = /^(?:ERR!|\[?Unknown Error\]?)$/i;

/** The number in a field, without its unit; null where the driver has none. */
export function numberIn(field: string | undefined): number | null {
  const match = quantity.exec(field?.trim() ?? "");
  return match === null ? null : Number(match[1]);
}

/** As `numberIn`, for what counts or numbers something. */
export function integerIn(field: string | undefined): number | null {
  const number = numberIn(field);
  return number !== null && Number.isSafeInteger(number) ? number : null;
}

/** The words in a field; null where they say that there is no value. */
export function textIn(field: string | undefined): string | null {
  const text = field?.trim() ?? "";
  return noValue.test(text) || deviceFailure.test(text) ? null : text;
}

/** What a field says of its whole GPU: "GPU is lost"; null where it says nothing of the kind. */
export function deviceFailureIn(field: string | undefined): string | null {
  const text = field?.trim() ?? "";
  return deviceFailure.test(text) ? text.replaceAll(/^\[|\]$/g, "") : null;
}

/** Whether the driver failed to answer, which is not the same as having no such value. */
export function isErrorWord(field: string | undefined): boolean {
  return errorWord.test(field?.trim() ?? "");
}

/** nvidia-smi's "00000000:0A:00.0" as sysfs and the driver's files write it: "0000:0a:00.0". */
export function busIdIn(field: string | undefined): string | null {
  const match = /^(?:0000)?([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f])$/i.exec(field?.trim() ?? "");
  return match?.[1]?.toLowerCase() ?? null;
}

/** A GPU's or MIG device's UUID; null where the driver does not know it yet and writes question marks. */
export function uuidIn(field: string | undefined): string | null {
  const text = field?.trim() ?? "";
  return /^(?:GPU|MIG)-[0-9a-z/-]{4,80}$/i.test(text) ? text : null;
}
