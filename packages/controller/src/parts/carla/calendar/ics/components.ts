/** One property of a component: `NAME;PARAMETER=value:value`. */
export interface Property {
  /** In capitals. */
  readonly name: string;
  /** By names in capitals. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly value: string;
}

/** What stands between a BEGIN and its END (RFC 5545, 3.6). */
export interface Component {
  readonly name: string;
  readonly properties: Property[];
  readonly components: Component[];
}

/**
 * The components of an iCalendar text, whatever ends its lines, folded or not;
 * a byte order mark is white space.
 *
 * @throws Error naming the line that cannot be read
 */
export function componentsIn(text: string): readonly Component[] {
  const lines = unfolded(text);
  if (!lines.some((line) => /^BEGIN:VCALENDAR\s*$/i.test(line))) throw new Error("it has no VCALENDAR");
  const root: Component = { name: "", properties: [], components: [] };
  const open = [root];
  for (const [index, line] of lines.entries()) {
    if (line.trim() !== "" && !takeIn(propertyOf(line), open)) throw new Error(`line ${index + 1} is not of iCalendar`);
  }
  const last = open.at(-1);
  if (last !== root) throw new Error(`${last?.name} does not end`);
  return root.components;
}

/** @param open the component that is being read, last, and those around it @returns whether it may stand there */
function takeIn(property: Property | null, open: Component[]): boolean {
  const inner = open.at(-1);
  if (!property || !inner) return false;
  if (property.name === "BEGIN") open.push(begun(inner, property));
  else if (open.length === 1) return false;
  else if (property.name === "END") return open.pop()?.name === property.value.trim().toUpperCase();
  else inner.properties.push(property);
  return true;
}

function unfolded(text: string): readonly string[] {
  return text
    .trim()
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll(/\n[ \t]/g, "")
    .split("\n");
}

function begun(inner: Component, { value }: Property): Component {
  const component: Component = { name: value.trim().toUpperCase(), properties: [], components: [] };
  inner.components.push(component);
  return component;
}

const any = /^([\w-]+)((?:;[\w-]+=(?:"[^"]*"|[^":;])*)*):(.*)$/;
/** Dates have no colon. Outlook has written parameters with one and no quotes: TZID=(UTC+02:00) Bucharest. */
const dated = /^(DTSTART|DTEND|RDATE|EXDATE|RECURRENCE-ID)(;.*)?:([^:]*)$/i;

function propertyOf(line: string): Property | null {
  const [, name, parameters = "", value = ""] = dated.exec(line) ?? any.exec(line) ?? [];
  if (name === undefined) return null;
  const pairs = [...parameters.matchAll(/;([\w-]+)=((?:"[^"]*"|[^";])*)/g)];
  return {
    name: name.toUpperCase(),
    parameters: new Map(pairs.map(([, key = "", of = ""]) => [key.toUpperCase(), of.replaceAll('"', "")])),
    value,
  };
}

/** Every property of a name, in capitals. */
export function propertiesOf({ properties }: Component, name: string): readonly Property[] {
  return properties.filter((property) => property.name === name);
}

/** The first value of a name; undefined: there is none. */
export function valueOf(component: Component, name: string): string | undefined {
  return propertiesOf(component, name)[0]?.value.trim();
}
