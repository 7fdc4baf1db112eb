import type { Calendar } from "../calendar/calendar.ts";
import type { RawApp, RawApps } from "./appsSchema.ts";
import { at, type CalendarSource, calendarOf } from "./buildCalendar.ts";
import { cyclesOf } from "./cycles.ts";
import { present } from "./fields.ts";
import type { AppPolicy } from "./policy.ts";
import type { PolicyAndClinics } from "./readPolicy.ts";

/** An application with its index in the file. */
interface Entry {
  readonly item: RawApp;
  readonly index: number;
}

/** The applications that a checked file states; what does not fit together is complained of. */
export function appsFrom(raw: RawApps, around: PolicyAndClinics, source: CalendarSource): AppPolicy[] {
  const entries = present(raw.apps);
  checkNames(entries, source);
  checkDependencies(entries, source);
  for (const entry of entries) warnOf(entry, raw, around, source);
  if (entries.length === 0) source.file.warn(["apps"], "names no application");
  return entries.map((entry) => appFrom(entry, raw.defaults, around, source));
}

function appFrom(
  { item, index }: Entry,
  defaults: RawApps["defaults"],
  around: PolicyAndClinics,
  source: CalendarSource,
): AppPolicy {
  return {
    name: item.name,
    namespace: item.namespace ?? defaults.namespace ?? null,
    r: item.r_i ?? defaults.r_i,
    depth: item.d_i ?? defaults.d_i,
    risk: item.risk ?? defaults.risk,
    windowFit: item.window_fit ?? null,
    dependsOn: dependenciesOf(item).map(({ name }) => name),
    calendar: calendarFor(item, around, at(source, "apps", index)),
  };
}

/** Applications without windows of their own share their clinic's or the policy's calendar, object and all: it is looked up once for all of them. */
function calendarFor(
  { clinic, windows }: RawApp,
  { policy, clinics }: PolicyAndClinics,
  source: CalendarSource,
): Calendar {
  const shared = clinic === undefined ? policy.calendar : clinics.get(clinic);
  if (!shared) source.file.complain([...source.path, "clinic"], "is not a clinic of the policy's windows.clinics");
  const calendar = shared ?? policy.calendar;
  const own = windows !== undefined && Object.values(windows).some((value) => value !== undefined);
  return own ? calendarOf(windows, calendar, at(source, "windows")) : calendar;
}

function checkNames(entries: readonly Entry[], { file }: CalendarSource): void {
  const seen = new Map<string, number>();
  for (const { item, index } of entries) {
    const first = seen.get(item.name);
    if (first === undefined) seen.set(item.name, index);
    else file.complain(["apps", index, "name"], `is the name of apps[${first}] too`);
  }
}

/** Names with the way to each. */
function dependenciesOf(app: RawApp): { name: string; key: string; index: number }[] {
  return (["dependsOn", "depends_on"] as const).flatMap((key) =>
    present(app[key] ?? []).map(({ item, index }) => ({ name: item, key, index })),
  );
}

function checkDependencies(entries: readonly Entry[], { file }: CalendarSource): void {
  const indexes = new Map(entries.map(({ item, index }) => [item.name, index]));
  for (const { item, index } of entries) {
    for (const dependency of dependenciesOf(item)) {
      if (indexes.has(dependency.name)) continue;
      file.complain(["apps", index, dependency.key, dependency.index], "is not the name of an application");
    }
  }
  const graph = graphOf(entries);
  for (const cycle of cyclesOf(graph)) {
    const first = entries.find(({ item }) => item.name === cycle[0]);
    const key = first?.item.dependsOn ? "dependsOn" : "depends_on";
    file.complain(["apps", first?.index ?? 0, key], `makes a cycle: ${cycle.join(" → ")}`);
  }
}

/** Applications of one name are one node; that there are several is told elsewhere. */
function graphOf(entries: readonly Entry[]): Map<string, string[]> {
  const graph = new Map<string, string[]>();
  for (const { item } of entries) {
    graph.set(item.name, [...(graph.get(item.name) ?? []), ...dependenciesOf(item).map(({ name }) => name)]);
  }
  return graph;
}

function warnOf(
  { item, index }: Entry,
  { defaults }: RawApps,
  { policy }: PolicyAndClinics,
  { file }: CalendarSource,
): void {
  const r = item.r_i ?? defaults.r_i;
  if (r > policy.rmax)
    file.warn(["apps", index, "r_i"], `is more than Rmax (${policy.rmax}): ${item.name} is never released`);
  if (item.toggleRevisions && item.toggleRevisions.length > 0) {
    file.warn(["apps", index, "toggleRevisions"], "is ignored: revisions come from the Application");
  }
}
