/** A line that would take more memory than anybody promised to have. */
export class LineTooLong extends Error {
  constructor(mostUnits: number) {
    super(`a line is longer than ${mostUnits} characters`);
    this.name = "LineTooLong";
  }
}

/**
 * A stream of bytes as lines of UTF-8; the last line needs no newline. Leaving
 * the loop early ends the stream.
 *
 * @param mostUnits of one line, in UTF-16 units
 * @throws LineTooLong
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  mostUnits = Number.POSITIVE_INFINITY,
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > mostUnits || lines.some(({ length }) => length > mostUnits)) throw new LineTooLong(mostUnits);
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}
