/** The longest beginning that takes at most `most` bytes of UTF-8 and cuts no character. */
export function cutToBytes(text: string, most: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(most));
  return text.slice(0, read);
}
