import { readMapText } from "../../decide/map/read.ts";
import { wholeMilli } from "../../decide/snapshot.ts";
import { annotations, pluginResource } from "../names.ts";

type Annotations = Readonly<Record<string, string>>;

/** All annotations of an object together are no longer at the API server. */
const longestMap = 256 * 1024;

/**
 * Every annotation of a pod that cannot be read, a sentence for each, naming it and its value.
 *
 * @param plugin the kubelet is to give the pod GPUs
 */
export function complaintsOf(given: Annotations, plugin: boolean): readonly string[] {
  return [...ofMap(given[annotations.map]), ...ofMilli(given[annotations.milli], plugin), ...ofGang(given)];
}

function ofMap(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  if (text.length > longestMap) return [`${annotations.map}: is longer than ${longestMap}`];
  const { entries, malformed } = readMapText(text);
  if (entries.length === 0 && malformed.length === 0) return [`${annotations.map}: names no GPU`];
  return malformed.map(({ entry, message }) => `${annotations.map}: entry ${entry}: ${message}`);
}

/** A part of one GPU, or whole ones in thousands. */
function ofMilli(text: string | undefined, plugin: boolean): readonly string[] {
  if (text === undefined) return [];
  if (plugin)
    return [said(annotations.milli, text, `does not go with ${pluginResource}: the kubelet gives whole GPUs`)];
  const milli = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (milli > 0 && (milli <= wholeMilli || milli % wholeMilli === 0)) return [];
  return [said(annotations.milli, text, `is neither from 1 to ${wholeMilli} nor a multiple of ${wholeMilli}`)];
}

function ofGang({ [annotations.gang]: name, [annotations.gangSize]: size }: Annotations): readonly string[] {
  if (name === undefined && size === undefined) return [];
  return [
    ...(name ? [] : [said(annotations.gang, name, "is needed beside a gang's size")]),
    ...(size !== undefined && /^[1-9]\d{0,3}$/.test(size)
      ? []
      : [said(annotations.gangSize, size, "is not a whole number from 1 to 9999")]),
  ];
}

function said(name: string, value: string | undefined, complaint: string): string {
  return `${name}: ${JSON.stringify(value) ?? "nothing"} ${complaint}`;
}
