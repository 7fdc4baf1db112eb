import { join } from "node:path";

import { execa } from "execa";
import { parseAllDocuments, stringify } from "yaml";

import type { Map } from "./model.ts";

/** What a chart is rendered with. */
export interface Release {
  /** The chart's folder. */
  readonly chart: string;
  readonly name: string;
  readonly namespace: string;
  readonly values: Map;
}

/** Renders a chart as Argo CD does. */
export interface Charts {
  /** @throws Error with helm's own words */
  render(release: Release): Promise<readonly Map[]>;
}

const deadlineMs = 60_000;

/** By the program `helm`: of HELM, or of the PATH. null: there is none. */
export async function installedHelm(root: string, env: NodeJS.ProcessEnv): Promise<Charts | null> {
  const program = env["HELM"] ?? "helm";
  const { failed } = await execa(program, ["version", "--short"], { reject: false, timeout: deadlineMs });
  return failed ? null : { render: (release) => render(program, root, release) };
}

async function render(
  program: string,
  root: string,
  { chart, name, namespace, values }: Release,
): Promise<readonly Map[]> {
  const args = ["template", name, join(root, chart), "--namespace", namespace, "--include-crds", "--values", "-"];
  const { stdout, stderr, failed } = await execa(program, args, {
    input: stringify(values),
    reject: false,
    timeout: deadlineMs,
  });
  if (failed)
    throw new Error(
      stderr
        .replace(/^Error: /, "")
        .replaceAll(/\s*\n\s*/g, " ")
        .trim(),
    );
  const documents = parseAllDocuments(stdout).map((document) => document.toJS() as Map | null);
  return documents.filter((object) => object !== null);
}
