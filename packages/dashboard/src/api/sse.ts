/** One server-sent event. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
  /** What to ask on from after a break; null: it had none. */
  readonly id: string | null;
}

/**
 * Reads a stream of server-sent events (WHATWG HTML, 9.2) as it comes, in pieces
 * of any size. An EventSource sends no Authorization header; fetch does.
 */
export class EventReader {
  #rest = "";
  #lines: string[] = [];

  /** @returns the events that are complete with this piece */
  read(piece: string): readonly ServerEvent[] {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    return lines.flatMap((line) => this.#take(line) ?? []);
  }

  #take(line: string): ServerEvent | null {
    if (line !== "") {
      this.#lines.push(line);
      return null;
    }
    const fields = this.#lines.map(fieldOf);
    this.#lines = [];
    const data = fields.filter(([name]) => name === "data").map(([, value]) => value);
    if (data.length === 0) return null;
    return {
      event: lastOf(fields, "event") ?? "message",
      data: data.join("\n"),
      id: lastOf(fields, "id"),
    };
  }
}

type Field = readonly [name: string, value: string];

function fieldOf(line: string): Field {
  const colon = line.indexOf(":");
  if (colon < 0) return [line, ""];
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
}

function lastOf(fields: readonly Field[], name: string): string | null {
  return fields.findLast(([one]) => one === name)?.[1] ?? null;
}
