import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

import { describeError, errorAt, parseWith } from "@walras/kit";
import { parse } from "yaml";

import type { Demand } from "../workload/index.ts";
import { checkScenario } from "./check.ts";
import { type PodGroup, type Scenario, scenarioSchema } from "./schema.ts";

/**
 * The scenario in a YAML file, with the traces it names read in; their paths
 * are relative to the file.
 *
 * @throws FieldError naming the file, the path in it, and the value
 */
export function loadScenario(file: string): Scenario {
  const read = (path: string, field: string): string => readText(resolve(dirname(file), path), field);
  return parseScenario(readText(file, "scenario"), file, read);
}

/**
 * The scenario that a YAML text describes.
 *
 * @param origin what to call the text in errors
 * @param read gives the text of a trace file; the field is for its error
 * @throws FieldError naming the origin, the path in it, and the value
 */
export function parseScenario(
  text: string,
  origin: string,
  read: (path: string, field: string) => string = refuseFiles,
): Scenario {
  const scenario = parseWith(scenarioSchema, parseYaml(text, origin), origin);
  checkScenario(scenario, origin);
  const pods = scenario.pods.map((pod, index) => withTraces(pod, `${origin}.pods.${index}`, read));
  return { ...scenario, pods };
}

function readText(path: string, field: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw errorAt(field, path, `cannot be read (${(error as NodeJS.ErrnoException).code ?? describeError(error)})`);
  }
}

function refuseFiles(path: string, field: string): string {
  throw errorAt(field, path, "cannot be read here: only a scenario file can name others");
}

function parseYaml(text: string, origin: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw errorAt(origin, text.split("\n", 1)[0], `is not YAML (${describeError(error).split("\n", 1)[0]})`);
  }
}

type ReadTrace = (path: string, field: string) => string;

function withTraces(pod: PodGroup, origin: string, read: ReadTrace): PodGroup {
  const containers = pod.containers.map((container, index) => {
    if (!container.load) return container;
    const field = `${origin}.containers.${index}.load.demand`;
    return { ...container, load: { ...container.load, demand: resolved(container.load.demand, field, read) } };
  });
  return { ...pod, containers };
}

function resolved(demand: Demand, field: string, read: ReadTrace): Demand {
  if (demand.kind === "sum") {
    return { ...demand, of: demand.of.map((part, index) => resolved(part, `${field}.of.${index}`, read)) };
  }
  if ("of" in demand) return { ...demand, of: resolved(demand.of, `${field}.of`, read) };
  if (demand.kind !== "trace" || demand.values) return demand;
  if (!demand.file) throw errorAt(field, demand, "needs a file or values");
  const { file: _file, ...rest } = demand;
  return { ...rest, values: readNumbers(read(demand.file, `${field}.file`), demand.file) };
}

/** Numbers as a JSON array, or separated by white space or commas. */
function readNumbers(text: string, origin: string): number[] {
  const words = text.split(/[\s,[\]]+/).filter(Boolean);
  if (words.length === 0) throw errorAt(origin, text, "has no numbers");
  return words.map((word, index) => {
    const value = Number(word);
    if (!Number.isFinite(value) || value < 0)
      throw errorAt(`${origin}[${index}]`, word, "is not a number of 0 or more");
    return value;
  });
}
