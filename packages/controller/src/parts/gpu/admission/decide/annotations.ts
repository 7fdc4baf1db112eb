import { InputError } from "@walras/kit";

import { readMapText } from "../../decide/map/read.ts";
import { pluginResource } from "../../decide/schedule/pod.ts";
import { askOf, gangOf, movableOf } from "../../observe/cluster/ask.ts";
import { gpuAnnotations } from "../../observe/cluster/names.ts";

type Annotations = Readonly<Record<string, string>>;

/** All annotations of an object together are no longer at the API server. */
const longestMap = 256 * 1024;

/**
 * Every annotation of a pod that the scheduler could not read, a sentence for each, naming it and its value.
 *
 * @param plugin the kubelet is to give the pod GPUs
 */
export function complaintsOf(given: Annotations, plugin: boolean): readonly string[] {
  return [
    ...ofMap(given[gpuAnnotations.map]),
    ...ofReading(() => askOf(given, { [pluginResource]: plugin ? 1 : 0 })),
    ...ofReading(() => gangOf(given)),
    ...ofReading(() => movableOf(given)),
  ];
}

function ofMap(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  if (text.length > longestMap) return [`${gpuAnnotations.map}: is longer than ${longestMap}`];
  const { entries, malformed } = readMapText(text);
  if (entries.length === 0 && malformed.length === 0) return [`${gpuAnnotations.map}: names no GPU`];
  return malformed.map(({ entry, message }) => `${gpuAnnotations.map}: entry ${entry}: ${message}`);
}

function ofReading(read: () => unknown): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof InputError) return [error.message];
    throw error;
  }
}
