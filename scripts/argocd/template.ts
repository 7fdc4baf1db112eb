/** What a generator gives to a template: `{{ .name }}`. */
export type Parameters = Readonly<Record<string, string>>;

/** A template that this does not know, or a name that no generator gives. */
export class TemplateError extends Error {}

const condition =
  /\{\{-?\s*if (?<operator>eq|ne) \.(?<name>\w+) "(?<literal>[^"]*)"\s*-?\}\}(?<yes>.*?)(?:\{\{-?\s*else\s*-?\}\}(?<no>.*?))?\{\{-?\s*end\s*-?\}\}/s;
const action = /\{\{-?\s*(.*?)\s*-?\}\}/gs;

/** Fills a Go template, as far as those of ApplicationSets here go. @throws TemplateError */
export function fill(text: string, parameters: Parameters): string {
  const decided = decide(text, parameters);
  return decided.replaceAll(action, (all, inner: string) => {
    const name = /^\.(\w+)$/.exec(inner)?.[1];
    if (name === undefined) throw new TemplateError(`holds ${all}, which cannot be evaluated here`);
    return valueOf(name, parameters);
  });
}

function decide(text: string, parameters: Parameters): string {
  const found = condition.exec(text);
  if (found === null) return text;
  const { operator, name = "", literal, yes = "", no = "" } = found.groups ?? {};
  const holds = (valueOf(name, parameters) === literal) === (operator === "eq");
  const rest = text.slice(found.index + found[0].length);
  return text.slice(0, found.index) + (holds ? yes : no) + decide(rest, parameters);
}

/** The same for everything in a value. @throws TemplateError */
export function fillAll<Value>(value: Value, parameters: Parameters): Value {
  if (typeof value === "string") return fill(value, parameters) as Value;
  if (Array.isArray(value)) return value.map((item: unknown) => fillAll(item, parameters)) as Value;
  if (typeof value !== "object" || value === null) return value;
  const filled = Object.entries(value).map(([key, member]) => [key, fillAll(member as unknown, parameters)]);
  return Object.fromEntries(filled) as Value;
}

function valueOf(name: string, parameters: Parameters): string {
  const value = parameters[name];
  if (value === undefined) throw new TemplateError(`names .${name}, which no generator gives`);
  return value;
}
