import { readMapList, readMapText, type SchedulingMap } from "@walras/controller/gpu";
import { errorAt, parseWith } from "@walras/kit";
import { parse } from "yaml";
import { z } from "zod";

/** A chart's values have more than this. */
const valuesSchema = z.object({ gpuScheduling: z.object({ schedulingMap: z.array(z.unknown()) }) });

/**
 * A scheduling map: a chart's `gpuScheduling.schedulingMap` as YAML or JSON, or the annotation's `0=node1:0,1`.
 * What is wrong with an entry is in the map's own conditions.
 *
 * @throws FieldError when it is neither
 */
export function readMap(text: string, file: string): SchedulingMap {
  const values = asYaml(text);
  if (typeof values === "string") return readMapText(values);
  if (values === undefined || values === null) throw errorAt(file, text, "holds no scheduling map");
  return readMapList(parseWith(valuesSchema, values, file).gpuScheduling.schedulingMap);
}

/** What YAML cannot read is text. */
function asYaml(text: string): unknown {
  try {
    const values: unknown = parse(text);
    return /^\s*(?:#.*\s+)*\d+\s*=/.test(text) ? text : values;
  } catch {
    return text;
  }
}
