import { appsSchema } from "./appsSchema.ts";
import type { CalendarSource } from "./buildCalendar.ts";
import { ConfigFile } from "./configFile.ts";
import { parseLeniently } from "./lenient.ts";
import type { ReleaseConfig } from "./policy.ts";
import { policySchema } from "./policySchema.ts";
import { ReleaseConfigError } from "./problems.ts";
import { checkExceptions } from "./freezes.ts";
import { appsFrom } from "./readApps.ts";
import { policyFrom } from "./readPolicy.ts";
import { checkKeys } from "./unknownKeys.ts";

/** Where the two files are. */
export interface ReleaseConfigFiles {
  readonly policyFile: string;
  readonly appsFile: string;
}

export interface ReadOptions {
  /** A file's text; throws where there is none. */
  readonly readText: (file: string) => string;
  /** Planning offline can do without argo.base_url, which is then empty. */
  readonly requireArgo: boolean;
  /** ISO date. Holidays are known from a year before to two years after it. */
  readonly today: string;
}

/**
 * The policy and the applications that two files state, checked against each other.
 *
 * @throws ReleaseConfigError with everything that is wrong in both
 */
export function readReleaseConfig(files: ReleaseConfigFiles, options: ReadOptions): ReleaseConfig {
  const policyFile = new ConfigFile(files.policyFile, options.readText);
  const appsFile = new ConfigFile(files.appsFile, options.readText);
  const unreadable = policyFile.problems.length + appsFile.problems.length > 0;
  const rawPolicy = parseLeniently(policySchema, policyFile);
  const rawApps = parseLeniently(appsSchema, appsFile);
  if (unreadable) throw errorOf(policyFile, appsFile);

  if (options.requireArgo && rawPolicy.argo.base_url === undefined)
    policyFile.complain(["argo", "base_url"], "is missing");
  checkKeys(policySchema, policyFile);
  checkKeys(appsSchema, appsFile);
  const around = policyFrom(rawPolicy, sourceOf(policyFile, options));
  const apps = appsFrom(rawApps, around, sourceOf(appsFile, options));
  checkExceptions(rawPolicy.freeze, { ...around, apps }, policyFile);
  if (policyFile.problems.length + appsFile.problems.length > 0) throw errorOf(policyFile, appsFile);
  return { policy: around.policy, apps, warnings: [...policyFile.warnings, ...appsFile.warnings] };
}

/** In the order of the lines. */
function errorOf(...files: readonly ConfigFile[]): ReleaseConfigError {
  return new ReleaseConfigError(
    files.flatMap(({ problems }) => problems.toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0))),
  );
}

function sourceOf(file: ConfigFile, { readText, today }: ReadOptions): CalendarSource {
  const date = Temporal.PlainDate.from(today);
  const range = { first: date.subtract({ years: 1 }).toString(), last: date.add({ years: 2 }).toString() };
  return { file, path: [], readText, range };
}
