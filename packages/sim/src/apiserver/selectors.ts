import type { KubeObject } from "./objects/model.ts";
import type { SelectableFields } from "./resources.ts";
import { badRequest } from "./status.ts";

/** Whether an object is wanted. */
export type Predicate = (object: KubeObject) => boolean;

type Labels = Readonly<Record<string, string>>;

const noLabels: Labels = {};
const setPattern = /^([^\s!=,()]+)\s+(in|notin)\s*\(([^()]*)\)$/;
const equalPattern = /^([^\s!=,()]+)\s*(==|=|!=)\s*([^\s!=,()]*)$/;
const existsPattern = /^(!?)\s*([^\s!=,()]+)$/;

/**
 * A label selector: a=b, a==b, a!=b, a in (b,c), a notin (b), a, !a.
 *
 * @throws ApiFailure 400 where a term is none of these
 */
export function parseLabelSelector(text: string): Predicate {
  const terms = splitTerms(text).map(parseLabelTerm);
  return ({ metadata }) => terms.every((term) => term(metadata.labels ?? noLabels));
}

function splitTerms(text: string): readonly string[] {
  return text
    .split(/,(?![^()]*\))/)
    .map((term) => term.trim())
    .filter(Boolean);
}

function parseLabelTerm(term: string): (labels: Labels) => boolean {
  const equal = equalPattern.exec(term);
  if (equal) return equality(equal.slice(1));
  const set = setPattern.exec(term);
  if (set) return membership(set.slice(1));
  const exists = existsPattern.exec(term);
  if (!exists) throw badRequest(`unable to parse requirement: found '${term}', expected: in, notin, =, ==, !=, gt, lt`);
  const [, negated, key = ""] = exists;
  return (labels) => key in labels !== Boolean(negated);
}

function equality([key = "", operator = "", value = ""]: readonly string[]): (labels: Labels) => boolean {
  return operator === "!=" ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
}

function membership([key = "", operator = "", list = ""]: readonly string[]): (labels: Labels) => boolean {
  const values = new Set(list.split(",").map((value) => value.trim()));
  if (operator === "notin") return (labels) => !(key in labels) || !values.has(labels[key] ?? "");
  return (labels) => key in labels && values.has(labels[key] ?? "");
}

/**
 * A field selector over the fields the kind declares, besides metadata.name
 * and metadata.namespace.
 *
 * @throws ApiFailure 400 for a field that cannot be selected by
 */
export function parseFieldSelector(text: string, fields: SelectableFields): Predicate {
  const terms = text
    .split(",")
    .filter(Boolean)
    .map((term) => parseFieldTerm(term, fields));
  return (object) => terms.every((term) => term(object));
}

function parseFieldTerm(term: string, fields: SelectableFields): Predicate {
  const match = /^([^!=]+)(==|=|!=)(.*)$/.exec(term);
  if (!match) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
  const [, field = "", operator, value = ""] = match;
  const read = commonFields[field] ?? fields[field];
  if (!read) throw badRequest(`field label not supported: ${field}`);
  return (object) => (read(object) === value) === (operator !== "!=");
}

const commonFields: SelectableFields = {
  "metadata.name": ({ metadata }) => metadata.name,
  "metadata.namespace": ({ metadata }) => metadata.namespace ?? "",
};

/** A metav1.LabelSelector object as the text of a selector. */
export function selectorText(selector: unknown): string {
  if (typeof selector === "string") return selector;
  const { matchLabels = {}, matchExpressions = [] } = (selector ?? {}) as {
    matchLabels?: Labels;
    matchExpressions?: readonly { key: string; operator: string; values?: readonly string[] }[];
  };
  const equal = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const others = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === "Exists") return key;
    return operator === "DoesNotExist" ? `!${key}` : `${key} ${operator.toLowerCase()} (${values.join(",")})`;
  });
  return [...equal, ...others].join(",");
}
