import { selects } from "./evaluate.ts";
import { NotUnderstood } from "./lex.ts";
import { type Expression, parse } from "./parse.ts";
import type { SelectedDevice } from "./values.ts";

const functions: Readonly<Record<string, number>> = { has: 1, quantity: 1, semver: 1 };
const methods: Readonly<Record<string, number>> = {
  compareTo: 1,
  isGreaterThan: 1,
  isLessThan: 1,
  startsWith: 1,
  endsWith: 1,
  contains: 1,
  major: 0,
  minor: 0,
  patch: 0,
};

/** A selector of devices, in CEL. */
export interface Selector {
  /** @throws EvaluationFailed where the device has not what is asked */
  selects(device: SelectedDevice): boolean;
}

/** Whoever makes up ever other expressions does not fill the memory. */
const mostKnown = 1_000;
const known = new Map<string, Selector | NotUnderstood>();

/** @throws NotUnderstood naming what is not */
export function selectorOf(text: string): Selector {
  let found = known.get(text);
  if (!found) {
    if (known.size >= mostKnown) known.clear();
    found = read(text);
    known.set(text, found);
  }
  if (found instanceof NotUnderstood) throw found;
  return found;
}

function read(text: string): Selector | NotUnderstood {
  try {
    const expression = parse(text);
    check(expression);
    const answers = new WeakMap<SelectedDevice, boolean>();
    return { selects: (device) => remembered(answers, device, () => selects(expression, device)) };
  } catch (error) {
    if (!(error instanceof NotUnderstood)) throw error;
    return new NotUnderstood(`${error.message} in ${JSON.stringify(text.slice(0, 256))}`);
  }
}

/** A device that changes is another object. */
function remembered(answers: WeakMap<SelectedDevice, boolean>, device: SelectedDevice, ask: () => boolean): boolean {
  const before = answers.get(device);
  if (before !== undefined) return before;
  const answer = ask();
  answers.set(device, answer);
  return answer;
}

/** What would not be known at evaluation is said at once. */
function check(expression: Expression): void {
  if (expression.is === "name" && expression.name !== "device") throw new NotUnderstood(expression.name);
  if (expression.is === "call") checkCall(expression);
  for (const part of partsOf(expression)) check(part);
}

function checkCall({ name, on, args }: Extract<Expression, { readonly is: "call" }>): void {
  const taken = on === null ? functions : methods;
  if (!Object.hasOwn(taken, name) || taken[name] !== args.length) throw new NotUnderstood(`${name}()`);
  if (name === "has" && !(args[0]?.is === "member" && args[0].dotted)) throw new NotUnderstood("has()");
}

function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.is) {
    case "list":
      return expression.items;
    case "member":
      return [expression.of, expression.key];
    case "call":
      return [...(expression.on ? [expression.on] : []), ...expression.args];
    case "operator":
      return expression.operands;
    case "literal":
    case "name":
      return [];
    default:
      return expression satisfies never;
  }
}
