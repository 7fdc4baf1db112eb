import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from "yaml";

/** Where something stands in a file; both count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A YAML text that knows where each of its keys and values stands. */
export class YamlText {
  readonly #lines = new LineCounter();
  readonly #document: ReturnType<typeof parseDocument>;

  constructor(text: string) {
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
  }

  /** What keeps it from being read at all. */
  errors(): readonly { readonly place: Place; readonly message: string }[] {
    return this.#document.errors.map(({ pos, message }) => ({ place: this.#placeAt(pos[0]), message }));
  }

  /** @throws Error where aliases make it larger than any file is */
  value(): unknown {
    return this.#document.toJS() as unknown;
  }

  /** Of the value at the path; where there is none, of what is nearest above it. */
  placeOf(path: readonly PropertyKey[]): Place {
    let node: unknown = this.#document.contents;
    for (const step of path) {
      const below = isSeq(node) ? node.items[Number(step)] : pairOf(node, step)?.value;
      if (below === undefined || below === null) break;
      node = below;
    }
    return this.#placeAt(startOf(node));
  }

  /** Of a key in the map at the path. */
  placeOfKey(path: readonly PropertyKey[], key: string): Place {
    const map = this.#document.getIn(path, true) ?? this.#document.contents;
    const pair = pairOf(path.length === 0 ? this.#document.contents : map, key);
    return pair ? this.#placeAt(startOf(pair.key)) : this.placeOf(path);
  }

  #placeAt(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}

function pairOf(node: unknown, key: PropertyKey): Pair | undefined {
  if (!isMap(node)) return undefined;
  return node.items.find((pair) => String(isScalar(pair.key) ? pair.key.value : pair.key) === String(key));
}

function startOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0;
}
