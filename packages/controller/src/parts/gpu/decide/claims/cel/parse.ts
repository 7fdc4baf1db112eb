import { lex, NotUnderstood, type Token } from "./lex.ts";

/** A CEL expression as far as it is understood here. */
export type Expression =
  | { readonly is: "literal"; readonly value: string | number | boolean }
  | { readonly is: "name"; readonly name: string }
  | { readonly is: "list"; readonly items: readonly Expression[] }
  | { readonly is: "member"; readonly of: Expression; readonly key: Expression; readonly dotted: boolean }
  | { readonly is: "call"; readonly name: string; readonly on: Expression | null; readonly args: readonly Expression[] }
  | { readonly is: "operator"; readonly operator: string; readonly operands: readonly Expression[] };

/** Nobody writes more by hand, and the API server takes 10 KiB. */
const longestExpression = 10_240;
const deepest = 64;

/** @throws NotUnderstood naming what is not */
export function parse(text: string): Expression {
  if (text.length > longestExpression) throw new NotUnderstood(`more than ${longestExpression} characters`);
  return new Parser(lex(text)).whole();
}

const relations = new Set(["==", "!=", "<", "<=", ">", ">=", "in"]);

/** By recursive descent: each level binds more than the one before. */
class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Expression {
    const expression = this.#expression();
    if (this.#next.kind !== "end") throw this.#wrong();
    return expression;
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "" };
  }

  #expression(): Expression {
    this.#depth += 1;
    if (this.#depth > deepest) throw new NotUnderstood(`more than ${deepest} levels`);
    const condition = this.#chain("||", () => this.#chain("&&", () => this.#relation()));
    const expression = this.#takes("?") ? this.#choice(condition) : condition;
    this.#depth -= 1;
    return expression;
  }

  #choice(condition: Expression): Expression {
    const then = this.#expression();
    this.#needs(":");
    return { is: "operator", operator: "?", operands: [condition, then, this.#expression()] };
  }

  #chain(operator: string, part: () => Expression): Expression {
    let all = part();
    while (this.#takes(operator)) all = { is: "operator", operator, operands: [all, part()] };
    return all;
  }

  #relation(): Expression {
    const left = this.#unary();
    const operator = this.#next.kind === "string" ? "" : this.#next.text;
    if (!relations.has(operator)) return left;
    this.#at += 1;
    return { is: "operator", operator, operands: [left, this.#unary()] };
  }

  #unary(): Expression {
    const operator = ["!", "-"].find((sign) => this.#takes(sign));
    if (operator === undefined) return this.#postfix();
    this.#depth += 1;
    if (this.#depth > deepest) throw new NotUnderstood(`more than ${deepest} levels`);
    const operand = this.#unary();
    this.#depth -= 1;
    return { is: "operator", operator: operator === "-" ? "negative" : operator, operands: [operand] };
  }

  #postfix(): Expression {
    let of = this.#primary();
    for (;;) {
      if (this.#takes("[")) {
        const key = this.#expression();
        this.#needs("]");
        of = { is: "member", of, key, dotted: false };
      } else if (this.#takes(".")) {
        const name = this.#name();
        of = this.#takes("(")
          ? { is: "call", name, on: of, args: this.#list(")") }
          : { is: "member", of, key: { is: "literal", value: name }, dotted: true };
      } else return of;
    }
  }

  #primary(): Expression {
    const { kind, text } = this.#next;
    if (this.#takes("(")) {
      const inner = this.#expression();
      this.#needs(")");
      return inner;
    }
    if (this.#takes("[")) return { is: "list", items: this.#list("]") };
    if (kind === "sign" || kind === "end") throw this.#wrong();
    this.#at += 1;
    if (kind === "string") return { is: "literal", value: text };
    if (kind === "number") return { is: "literal", value: integerOf(text) };
    if (text === "true" || text === "false") return { is: "literal", value: text === "true" };
    return this.#takes("(") ? { is: "call", name: text, on: null, args: this.#list(")") } : { is: "name", name: text };
  }

  #list(end: string): Expression[] {
    const items: Expression[] = [];
    while (!this.#takes(end)) {
      if (items.length > 0) this.#needs(",");
      items.push(this.#expression());
    }
    return items;
  }

  #name(): string {
    const { kind, text } = this.#next;
    if (kind !== "name") throw this.#wrong();
    this.#at += 1;
    return text;
  }

  #takes(sign: string): boolean {
    const { kind, text } = this.#next;
    if (kind !== "sign" || text !== sign) return false;
    this.#at += 1;
    return true;
  }

  #needs(sign: string): void {
    if (!this.#takes(sign)) throw this.#wrong();
  }

  #wrong(): NotUnderstood {
    const { kind, text } = this.#next;
    return new NotUnderstood(kind === "end" ? "how it ends" : `${JSON.stringify(text)} where it stands`);
  }
}

function integerOf(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new NotUnderstood(`the number ${text.slice(0, 32)}`);
  return value;
}
