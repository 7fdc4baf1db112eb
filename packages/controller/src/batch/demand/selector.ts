/** Whether labels are selected. */
export type LabelMatcher = (labels: Readonly<Record<string, string>>) => boolean;

const key = String.raw`(?:[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?/)?[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?`;
const value = String.raw`(?:[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?)?`;
const equality = new RegExp(`^(${key})\\s*(==|=|!=)\\s*(${value})$`);
const membership = new RegExp(`^(${key})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const presence = new RegExp(`^(!?)\\s*(${key})$`);
const aValue = new RegExp(`^${value}$`);

/**
 * A label selector as kubectl takes it: `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
 *
 * @throws Error naming the requirement that is none
 */
export function parseSelector(text: string): LabelMatcher {
  const matchers = requirements(text).map((requirement) => {
    const matcher = byEquality(requirement) ?? byMembership(requirement) ?? byPresence(requirement);
    if (!matcher) throw new Error(`"${requirement}" is no requirement of labels`);
    return matcher;
  });
  return (labels) => matchers.every((matches) => matches(labels));
}

/** Commas within parentheses separate values. */
function requirements(text: string): string[] {
  return text.split(/,(?![^(]*\))/).map((part) => part.trim());
}

function byEquality(text: string): LabelMatcher | null {
  const [, name = "", operator, wanted = ""] = equality.exec(text) ?? [];
  if (operator === undefined) return null;
  return operator === "!=" ? (labels) => labels[name] !== wanted : (labels) => labels[name] === wanted;
}

function byMembership(text: string): LabelMatcher | null {
  const [, name = "", operator, list = ""] = membership.exec(text) ?? [];
  if (operator === undefined) return null;
  const values = new Set(list.split(",").map((one) => one.trim()));
  if ([...values].some((one) => !aValue.test(one))) return null;
  const isIn: LabelMatcher = (labels) => {
    const found = labels[name];
    return found !== undefined && values.has(found);
  };
  return operator === "in" ? isIn : (labels) => !isIn(labels);
}

function byPresence(text: string): LabelMatcher | null {
  const [, not, name] = presence.exec(text) ?? [];
  if (name === undefined) return null;
  return (labels) => Object.hasOwn(labels, name) !== (not === "!");
}
