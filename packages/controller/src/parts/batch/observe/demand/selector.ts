import { demandLimits } from "./limits.ts";

/** Whether labels are selected. */
export type LabelMatcher = (labels: Readonly<Record<string, string>>) => boolean;

const key = String.raw`(?:[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?/)?[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?`;
const value = String.raw`(?:[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?)?`;
const equality = new RegExp(`^(${key})\\s*(==|=|!=)\\s*(${value})$`);
const membership = new RegExp(`^(${key})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const presence = new RegExp(`^(!?)\\s*(${key})$`);
const aValue = new RegExp(`^${value}$`);

const mostChars = demandLimits.selectorChars;

/**
 * A label selector as kubectl takes it: `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
 *
 * @throws Error naming the requirement that is none, or saying that it is too long
 */
export function parseSelector(text: string): LabelMatcher {
  if (text.length > mostChars) throw new Error(`longer than ${mostChars} characters`);
  const matchers = requirements(text).map((requirement) => {
    const matcher = byEquality(requirement) ?? byMembership(requirement) ?? byPresence(requirement);
    if (!matcher) throw new Error(`"${requirement}" is no requirement of labels`);
    return matcher;
  });
  return (labels) => matchers.every((matches) => matches(labels));
}

/** Commas within parentheses separate values. */
function requirements(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = nextOutside(text, 0); at >= 0; at = nextOutside(text, from)) {
    parts.push(text.slice(from, at));
    from = at + 1;
  }
  return [...parts, text.slice(from)].map((part) => part.trim());
}

/** Where the first comma at or after `from` is that is in no parentheses; -1: nowhere. Each character is looked at once. */
function nextOutside(text: string, from: number): number {
  let inside = false;
  for (let at = from; at < text.length; at += 1) {
    const char = text[at];
    if (char === "," && !inside) return at;
    if (char === "(" || char === ")") inside = char === "(";
  }
  return -1;
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
