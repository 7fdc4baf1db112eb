/** One word of an expression. */
export interface Token {
  readonly kind: "name" | "string" | "number" | "sign" | "end";
  readonly text: string;
}

/** An expression that is not understood. Nothing is said about whether the API server does. */
export class NotUnderstood extends Error {
  override readonly name = "NotUnderstood";
}

const words =
  /\s*(?:(?<name>[A-Za-z_][A-Za-z0-9_]*)|(?<number>\d+)(?![\d.A-Za-z_])|(?<string>"(?:[^"\\\n]|\\["'\\])*"|'(?:[^'\\\n]|\\["'\\])*')|(?<sign>&&|\|\||[=!<>]=|[!<>()[\].,?:-]))/y;

/** @throws NotUnderstood for a number with a point, an escape but of quotes, or a sign that is not known */
export function lex(text: string): Token[] {
  const tokens: Token[] = [];
  words.lastIndex = 0;
  const end = text.trimEnd().length;
  while (words.lastIndex < end) {
    const from = words.lastIndex;
    const groups = words.exec(text)?.groups;
    if (!groups) throw new NotUnderstood(`what begins with ${JSON.stringify(text.slice(from, from + 16).trim())}`);
    tokens.push(tokenOf(groups));
  }
  return [...tokens, { kind: "end", text: "" }];
}

function tokenOf({ name, number, string, sign = "" }: Readonly<Record<string, string | undefined>>): Token {
  if (name !== undefined) return { kind: "name", text: name };
  if (number !== undefined) return { kind: "number", text: number };
  if (string !== undefined) return { kind: "string", text: string.slice(1, -1).replaceAll(/\\(.)/g, "$1") };
  return { kind: "sign", text: sign };
}
