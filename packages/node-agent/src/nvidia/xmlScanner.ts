const longestTag = 1024;
const longestText = 256;
const deepest = 24;

/** Hears of elements as they come; `path` is the names from the root on, parted by slashes. */
export interface XmlListener {
  opened(path: string): void;
  /** @param text what stands behind the last tag in it: the value of an element without children */
  closed(path: string, text: string): void;
}

/**
 * Reads the elements of an XML document while it comes. No tree is made and no
 * more is held than a tag and a value: a driver writes 120 KiB for each GPU, of
 * which a few lines are wanted. Attributes, comments and the document type are
 * passed over, entities but the five of XML stay as they are, and a tag that
 * closes what is not open is let pass.
 */
export class XmlScanner {
  readonly #listener: XmlListener;
  readonly #open: string[] = [];
  #rest = "";
  #text = "";

  constructor(listener: XmlListener) {
    this.#listener = listener;
  }

  /** @throws Error where it is no XML that can be followed */
  push(chunk: string): void {
    const text = this.#rest + chunk;
    let from = 0;
    for (let at = text.indexOf("<"); at >= 0; at = text.indexOf("<", from)) {
      const end = text.indexOf(">", at);
      if (end < 0) break;
      this.#hear(text.slice(from, at));
      this.#tag(text.slice(at + 1, end));
      from = end + 1;
    }
    this.#keep(text.slice(from));
  }

  /** What is behind the last whole tag: text is heard, the beginning of a tag waits for its end. */
  #keep(rest: string): void {
    const at = rest.indexOf("<");
    this.#hear(at < 0 ? rest : rest.slice(0, at));
    this.#rest = at < 0 ? "" : rest.slice(at);
    if (this.#rest.length > longestTag) throw new Error("XML: a tag without an end");
  }

  #hear(text: string): void {
    if (this.#text.length < longestText) this.#text += text.slice(0, longestText);
  }

  #tag(tag: string): void {
    if (tag.startsWith("?") || tag.startsWith("!")) return;
    if (tag.startsWith("/")) return this.#close(tag.slice(1).trim());
    const name = /^[^\s/]+/.exec(tag)?.[0] ?? "";
    if (this.#open.push(`${this.#open.at(-1) ?? ""}/${name}`) > deepest) throw new Error("XML: nested too deep");
    this.#text = "";
    this.#listener.opened(this.#open.at(-1) ?? "");
    if (tag.endsWith("/")) this.#close(name);
  }

  #close(name: string): void {
    const depth = this.#open.findLastIndex((path) => path.endsWith(`/${name}`));
    if (depth < 0) return;
    const [path = ""] = this.#open.splice(depth);
    this.#listener.closed(path, unescaped(this.#text.trim()));
    this.#text = "";
  }
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.includes("&") ? text.replaceAll(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole) : text;
}
