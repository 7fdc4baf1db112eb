/** An answer's body, as far as one that streams it tells. */
export interface Body extends AsyncIterable<Uint8Array> {
  destroy(): unknown;
}

/**
 * A body as text.
 *
 * @throws Error where it is longer than anybody means it to be; nothing more of it is read
 */
export async function boundedText(body: Body, mostBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > mostBytes) {
      body.destroy();
      throw new Error(`the answer is longer than ${mostBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
