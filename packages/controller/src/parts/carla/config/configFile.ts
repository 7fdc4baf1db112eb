import { describeError } from "@walras/kit";
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";

import { describeProblem, formatPath, type Path, type Problem } from "./problems.ts";

const mostSyntaxErrors = 5;

/**
 * A YAML file that knows the line of each of its values and gathers what is
 * wrong with them, so that one reading tells all.
 */
export class ConfigFile {
  readonly name: string;
  /** What the file says, with null as undefined: a key without a value is a key left out. */
  readonly value: unknown;
  readonly problems: Problem[] = [];
  readonly warnings: string[] = [];
  readonly #document: Document | null;
  readonly #lines = new LineCounter();

  constructor(name: string, readText: (file: string) => string) {
    this.name = name;
    this.#document = this.#parse(readText);
    this.value = this.#document ? withoutNulls(this.#valueOf(this.#document)) : undefined;
  }

  /** Says what is wrong with the value at `path`; of one value only the first complaint counts. */
  complain(path: Path, complaint: string): void {
    const problem = this.#problem(path, complaint);
    if (!this.problems.some((known) => known.path === problem.path)) this.problems.push(problem);
  }

  /** Says what is probably not meant. */
  warn(path: Path, complaint: string): void {
    this.warnings.push(describeProblem(this.#problem(path, complaint)));
  }

  #problem(path: Path, complaint: string): Problem {
    const value = valueAt(this.value, path);
    return { file: this.name, path: formatPath(path), line: this.#lineOf(path), value, complaint };
  }

  #parse(readText: (file: string) => string): Document | null {
    let text: string;
    try {
      text = readText(this.name);
    } catch (error) {
      this.#refuse(null, `cannot be read (${describeError(error)})`);
      return null;
    }
    const document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, merge: true });
    this.#refuseSyntax(document);
    return document.errors.length === 0 ? document : null;
  }

  /** One complaint a line and only the first few: a bracket left open makes every line after it wrong. */
  #refuseSyntax({ errors }: Document): void {
    const lines = new Map<number, string>();
    for (const { pos, message } of errors) {
      const { line } = this.#lines.linePos(pos[0]);
      if (!lines.has(line) && lines.size < mostSyntaxErrors) lines.set(line, message);
    }
    for (const [line, message] of lines) this.#refuse(line, message);
  }

  #valueOf(document: Document): unknown {
    try {
      return document.toJS();
    } catch (error) {
      this.#refuse(null, `is not valid YAML (${describeError(error)})`);
      return undefined;
    }
  }

  #refuse(line: number | null, complaint: string): void {
    this.problems.push({ file: this.name, path: "", line, value: undefined, complaint });
  }

  /** The line of the key, or of the item in a list; of the innermost thing there is where the path leads nowhere. */
  #lineOf(path: Path): number | null {
    let node = this.#document?.contents;
    let offset = node?.range?.[0];
    for (const key of path) {
      const step: Step | null = node && this.#document ? stepInto(node, key, this.#document) : null;
      if (!step) break;
      offset = step.offset ?? offset;
      node = step.node;
    }
    return offset === undefined ? null : this.#lines.linePos(offset).line;
  }
}

interface Step {
  readonly node: Node | null;
  readonly offset: number | undefined;
}

function stepInto(node: Node, key: string | number, document: Document): Step | null {
  const target = isAlias(node) ? node.resolve(document) : node;
  if (isSeq<Node>(target)) {
    const item = target.items[Number(key)];
    return item ? { node: item, offset: item.range?.[0] } : null;
  }
  if (!isMap<Node, Node | null>(target)) return null;
  const pair = target.items.find((one) => isScalar(one.key) && String(one.key.value) === String(key));
  return pair ? { node: pair.value, offset: pair.key.range?.[0] } : null;
}

function withoutNulls(value: unknown): unknown {
  if (value === null) return undefined;
  if (Array.isArray(value)) return value.map((item: unknown) => (item === null ? null : withoutNulls(item)));
  if (typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, inner === null ? absent(key) : withoutNulls(inner)]),
  );
}

/** A list of allowances whose items are all commented out allows nothing; it is not the default list. */
function absent(key: string): [] | undefined {
  return key === "allow" ? [] : undefined;
}

/** What stands at a path, undefined where nothing does. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (typeof inner !== "object" || inner === null || !Object.hasOwn(inner, key)) return undefined;
    return (inner as Record<string | number, unknown>)[key];
  }, value);
}
