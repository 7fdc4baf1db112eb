import { errorAt, parseWith } from "@walras/kit";
import { parse } from "yaml";
import { z } from "zod";

import type { ExpectedPod } from "../verdict/expected.ts";

const mostPods = 10_000;
const device = /^(?:\d{1,4}|(?:GPU|MIG)-[\w./-]{1,120})$/;

const entrySchema = z.object({
  podIndex: z.coerce.number().int().min(0).max(1_000_000),
  nodeName: z.string().min(1).max(253),
  // YAML reads `gpuDevices: 2` as a number.
  gpuDevices: z
    .union([z.string(), z.number()])
    .transform((value) =>
      String(value)
        .split(",")
        .map((part) => part.trim()),
    )
    .refine((parts) => parts.every((part) => device.test(part)), 'not a list such as "0,1" or of UUIDs'),
  share: z.string().min(1).optional(),
});

const entries = z.array(entrySchema).max(mostPods);
const valuesSchema = z.object({ gpuScheduling: z.object({ schedulingMap: entries }) });
const objectSchema = z.object({ kind: z.literal("GpuSchedulingMap"), spec: z.object({ schedulingMap: entries }) });

/**
 * A scheduling map: a chart's `gpuScheduling.schedulingMap`, a GpuSchedulingMap object, or lines of the
 * annotation's form `0=node1:0,1`. Whoever checks reads the map by itself, not by the scheduler's code.
 *
 * @throws FieldError naming the field and the value
 */
export function readMap(text: string, file: string): readonly ExpectedPod[] {
  const listed = /^\s*(?:#.*\n\s*)*\d+=/.test(text)
    ? parseWith(entries, linesOf(text), file)
    : entriesOf(parsed(text, file), file);
  const twice = listed.find(({ podIndex }, at) => listed.findIndex((other) => other.podIndex === podIndex) < at);
  if (twice) throw errorAt(`${file}.podIndex`, twice.podIndex, "stands twice");
  return listed.map(({ podIndex, nodeName, gpuDevices, share }) => ({
    podIndex,
    node: nodeName,
    gpus: gpuDevices,
    share: share ?? null,
  }));
}

function entriesOf(value: unknown, file: string): z.output<typeof entries> {
  const isObject = typeof value === "object" && value !== null && "kind" in value;
  if (isObject) return parseWith(objectSchema, value, file).spec.schedulingMap;
  return parseWith(valuesSchema, value, file).gpuScheduling.schedulingMap;
}

function parsed(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    const [first] = (error instanceof Error ? error.message : "unknown").split("\n");
    throw errorAt(file, text, `is neither YAML (${first}) nor lines such as 0=node1:0,1`);
  }
}

function linesOf(text: string): readonly object[] {
  const lines = text.split(/[\n;]|\s+(?=\d+=)/).map((line) => line.trim());
  return lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({
      .../^(?<podIndex>\d+)=(?<nodeName>[^:=@]+):(?<gpuDevices>[^:=@]*)(?:@(?<share>.+))?$/.exec(line)?.groups,
    }));
}
