import { NotUnderstood } from "./lex.ts";
import type { Expression } from "./parse.ts";
import {
  type Domains,
  EvaluationFailed,
  Quantity,
  type Scalar,
  type SelectedDevice,
  type Values,
  Version,
} from "./values.ts";

/** Unknown domains are empty, as kube-scheduler has it; names that are not there are errors. */
class DomainMap {
  readonly #domains: Domains;

  constructor(domains: Domains) {
    this.#domains = domains;
  }

  has(domain: string): boolean {
    return this.#domains.has(domain);
  }

  get(domain: string): Values {
    return this.#domains.get(domain) ?? new Map();
  }
}

type Value = Scalar | Values | DomainMap | SelectedDevice | readonly Value[];

/**
 * Whether a device is what a selector asks for. There are no loops: it takes as long as the expression is.
 *
 * @throws EvaluationFailed where the device has not what is asked
 * @throws NotUnderstood for what {@link check} refuses
 */
export function selects(expression: Expression, device: SelectedDevice): boolean {
  return truth(valueOf(expression, device));
}

function valueOf(expression: Expression, device: SelectedDevice): Value {
  switch (expression.is) {
    case "literal":
      return expression.value;
    case "name":
      return device;
    case "list":
      return expression.items.map((item) => valueOf(item, device));
    case "member":
      return member(valueOf(expression.of, device), valueOf(expression.key, device));
    case "call":
      return call(expression, device);
    case "operator":
      return operate(expression.operator, expression.operands, device);
    default:
      return expression satisfies never;
  }
}

function member(of: Value, key: Value): Value {
  if (typeof key !== "string") throw new EvaluationFailed(`no such key: a ${typeof key}`);
  if (of instanceof DomainMap) return of.get(key);
  if (of instanceof Map) {
    const value = (of as Values).get(key);
    if (value === undefined) throw new EvaluationFailed(`no such key: ${key}`);
    return value;
  }
  if (isDevice(of)) {
    if (key === "driver") return of.driver;
    if (key === "attributes" || key === "capacity") return new DomainMap(of[key]);
    // Devices that several claims share are not given here.
    if (key === "allowMultipleAllocations") return false;
  }
  throw new EvaluationFailed(`no such field: ${key}`);
}

function isDevice(value: Value): value is SelectedDevice {
  return typeof value === "object" && "driver" in value && "attributes" in value;
}

type Operation = Extract<Expression, { readonly is: "call" }>;

function call({ name, on, args }: Operation, device: SelectedDevice): Value {
  const [first] = args;
  if (name === "has" && first?.is === "member") return isThere(first, device);
  const values = args.map((arg) => valueOf(arg, device));
  const [value] = values;
  if (on !== null) return method(name, valueOf(on, device), value);
  if (typeof value !== "string") throw new EvaluationFailed(`no such overload: ${name}`);
  return name === "quantity" ? Quantity.read(value) : Version.read(value);
}

function isThere({ of, key }: Extract<Expression, { readonly is: "member" }>, device: SelectedDevice): boolean {
  const [base, name] = [valueOf(of, device), valueOf(key, device)];
  return (base instanceof DomainMap || base instanceof Map) && typeof name === "string" && base.has(name);
}

function method(name: string, on: Value, argument: Value | undefined): Value {
  if (typeof on === "string" && typeof argument === "string") return textMethod(name, on, argument);
  const index = ["major", "minor", "patch"].indexOf(name);
  if (on instanceof Version && index >= 0) return on.numbers[index] ?? 0;
  const compared = compare(on, argument);
  if (name === "compareTo") return Math.sign(compared);
  if (name === "isGreaterThan") return compared > 0;
  if (name === "isLessThan") return compared < 0;
  throw new EvaluationFailed(`no such overload: ${name}`);
}

function textMethod(name: string, on: string, argument: string): boolean {
  if (name === "startsWith") return on.startsWith(argument);
  if (name === "endsWith") return on.endsWith(argument);
  if (name === "contains") return on.includes(argument);
  throw new EvaluationFailed(`no such overload: ${name}`);
}

function compare(one: Value, other: Value | undefined): number {
  if (one instanceof Quantity && other instanceof Quantity) return one.amount - other.amount;
  if (one instanceof Version && other instanceof Version) return one.compare(other);
  throw new EvaluationFailed("no such overload: quantities are compared with quantities, versions with versions");
}

function operate(operator: string, operands: readonly Expression[], device: SelectedDevice): Value {
  const [left, right, third] = operands;
  if (!left) throw new NotUnderstood(operator);
  const first = (): Value => valueOf(left, device);
  if (operator === "!") return !truth(first());
  if (operator === "negative") return -numeral(first());
  if (!right) throw new NotUnderstood(operator);
  const second = (): Value => valueOf(right, device);
  if (operator === "&&" || operator === "||") return either(operator === "||", first, second);
  if (operator === "?") return truth(first()) ? second() : valueOf(third ?? right, device);
  return relate(operator, first(), second());
}

/** Of a side that decides alone it does not matter that the other one fails (CEL, logical operators). */
function either(decisive: boolean, first: () => Value, second: () => Value): boolean {
  let failed: EvaluationFailed | null = null;
  try {
    if (truth(first()) === decisive) return decisive;
  } catch (error) {
    if (!(error instanceof EvaluationFailed)) throw error;
    failed = error;
  }
  if (truth(second()) === decisive) return decisive;
  if (failed) throw failed;
  return !decisive;
}

function relate(operator: string, one: Value, other: Value): boolean {
  if (operator === "==") return same(one, other);
  if (operator === "!=") return !same(one, other);
  if (operator === "in") return isIn(one, other);
  const order = orderOf(one, other);
  if (operator === "<") return order < 0;
  if (operator === "<=") return order <= 0;
  return operator === ">" ? order > 0 : order >= 0;
}

function same(one: Value, other: Value): boolean {
  if (one instanceof Quantity && other instanceof Quantity) return one.amount === other.amount;
  if (one instanceof Version && other instanceof Version) return one.compare(other) === 0;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((item: Value, index) => same(item, other[index] as Value));
  return one === other;
}

function isIn(one: Value, other: Value): boolean {
  if (Array.isArray(other)) return other.some((item: Value) => same(one, item));
  if ((other instanceof Map || other instanceof DomainMap) && typeof one === "string") return other.has(one);
  throw new EvaluationFailed("no such overload: in");
}

function orderOf(one: Value, other: Value): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  if (typeof one === "string" && typeof other === "string") return one === other ? 0 : one < other ? -1 : 1;
  throw new EvaluationFailed("no such overload: an order of these");
}

function truth(value: Value): boolean {
  if (typeof value !== "boolean") throw new EvaluationFailed("it is neither true nor false");
  return value;
}

function numeral(value: Value): number {
  if (typeof value !== "number") throw new EvaluationFailed("no such overload: -");
  return value;
}
