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
  const values = asYaml(text, file);
  if (typeof values === "string") return readMapText(values);
  if (values === undefined || values === null) throw errorAt(file, text, "holds no scheduling map");
  return readMapList(parseWith(valuesSchema, values, file).gpuScheduling.schedulingMap);
}

/** Lines of the annotation's form are text, whatever YAML makes of them. */
function asYaml(text: string, file: string): unknown {
  if (/^\s*(?:#.*\n\s*)*\S*=/.test(text)) return text;
  try {
    return parse(text);
  } catch (error) {
    const [first] = (error instanceof Error ? error.message : "unknown").split("\n");
    throw errorAt(file, text, `is neither YAML (${first}) nor lines such as 0=node1:0,1`);
  }
}
