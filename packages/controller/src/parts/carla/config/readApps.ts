import type { Calendar } from "../calendar/calendar.ts";
import type { RawApp, RawApps } from "./appsSchema.ts";
import { at, type CalendarSource, calendarOf } from "./buildCalendar.ts";
import { cyclesOf } from "./cycles.ts";
import { present } from "./fields.ts";
import { type ApplicationName, complaintOfMeaning, meaningsAmong, type Meaning } from "./named.ts";
import type { AppPolicy } from "./policy.ts";
import type { PolicyAndClinics } from "./readPolicy.ts";

/** An application with its index in the file, and the Application that it names. */
interface Entry extends ApplicationName {
  readonly item: RawApp;
  readonly index: number;
  /** The name, with its namespace where others have it too. */
  readonly told: string;
}

/** The applications that a checked file states; what does not fit together is complained of. */
export function appsFrom(raw: RawApps, around: PolicyAndClinics, source: CalendarSource): AppPolicy[] {
  const entries = entriesOf(raw, around, source);
  const meaning = meaningsAmong(entries);
  checkNames(entries, source);
  checkDependencies(entries, meaning, source);
  for (const entry of entries) warnOf(entry, raw, around, source);
  if (entries.length === 0) source.file.warn(["apps"], "names no application");
  return entries.map((entry) => appFrom(entry, meaning, raw, { around, source }));
}

function entriesOf({ apps, defaults }: RawApps, { policy }: PolicyAndClinics, { file }: CalendarSource): Entry[] {
  const named = present(apps).map(({ item, index }) => {
    const [name = "", ...path] = item.name.split("/").toReversed();
    const own = path.length === 0 ? item.namespace : path.join("/");
    if (own !== (item.namespace ?? own) || path.length > 1 || name === "" || own === "")
      file.complain(["apps", index, "name"], `is not "name", or "namespace/name" without another namespace`);
    return { item, index, name, namespace: own ?? defaults.namespace ?? policy.argo.appNamespace };
  });
  const meaning = meaningsAmong(named);
  const toldAs = ({ namespace, name }: ApplicationName): string =>
    meaning(name).some((other) => other.namespace !== namespace) ? `${namespace}/${name}` : name;
  return named.map((one) => ({ ...one, told: toldAs(one) }));
}

function appFrom(
  entry: Entry,
  meaning: Meaning<Entry>,
  { defaults }: RawApps,
  { around, source }: { readonly around: PolicyAndClinics; readonly source: CalendarSource },
): AppPolicy {
  const { item, index, told } = entry;
  return {
    name: told,
    namespace: namespaceOf(entry, defaults),
    r: item.r_i ?? defaults.r_i,
    depth: item.d_i ?? defaults.d_i,
    risk: item.risk ?? defaults.risk,
    windowFit: item.window_fit ?? null,
    dependsOn: dependenciesOf(item).flatMap(({ name }) => meaning(name).map((one) => one.told)),
    prune: item.prune ?? defaults.prune ?? around.policy.rollout.prune,
    calendar: calendarFor(item, around, at(source, "apps", index)),
  };
}

/** null: the policy's, which may change without the file. */
function namespaceOf({ item, told, namespace }: Entry, defaults: RawApps["defaults"]): string | null {
  const isStated = item.namespace !== undefined || item.name.includes("/") || defaults.namespace !== undefined;
  return isStated || told !== item.name ? namespace : null;
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
  for (const { namespace, name, index } of entries) {
    const key = `${namespace}/${name}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, index);
    else file.complain(["apps", index, "name"], `is the name of apps[${first}] too`);
  }
}

/** Names with the way to each. */
function dependenciesOf(app: RawApp): { name: string; key: string; index: number }[] {
  return (["dependsOn", "depends_on"] as const).flatMap((key) =>
    present(app[key] ?? []).map(({ item, index }) => ({ name: item, key, index })),
  );
}

function checkDependencies(entries: readonly Entry[], meaning: Meaning<Entry>, { file }: CalendarSource): void {
  for (const { item, index } of entries) {
    for (const dependency of dependenciesOf(item)) {
      const complaint = complaintOfMeaning(meaning(dependency.name).map(({ told }) => told));
      if (complaint) file.complain(["apps", index, dependency.key, dependency.index], complaint);
    }
  }
  for (const cycle of cyclesOf(graphOf(entries, meaning))) {
    const first = entries.find(({ told }) => told === cycle[0]);
    const key = first?.item.dependsOn ? "dependsOn" : "depends_on";
    file.complain(["apps", first?.index ?? 0, key], `makes a cycle: ${cycle.join(" → ")}`);
  }
}

/** Applications of one name and namespace are one node; that there are several is told elsewhere. */
function graphOf(entries: readonly Entry[], meaning: Meaning<Entry>): Map<string, string[]> {
  const graph = new Map<string, string[]>();
  for (const { item, told } of entries) {
    const dependencies = dependenciesOf(item).flatMap(({ name }) => meaning(name).map((one) => one.told));
    graph.set(told, [...(graph.get(told) ?? []), ...dependencies]);
  }
  return graph;
}

function warnOf(
  { item, index, told }: Entry,
  { defaults }: RawApps,
  { policy }: PolicyAndClinics,
  { file }: CalendarSource,
): void {
  const r = item.r_i ?? defaults.r_i;
  if (r > policy.rmax)
    file.warn(["apps", index, "r_i"], `is more than Rmax (${policy.rmax}): ${told} is never released`);
  if (item.toggleRevisions && item.toggleRevisions.length > 0) {
    file.warn(["apps", index, "toggleRevisions"], "is ignored: revisions come from the Application");
  }
}
