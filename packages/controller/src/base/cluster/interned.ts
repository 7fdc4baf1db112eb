/** Beyond so many different texts all are forgotten: whoever holds one goes on holding it. */
const most = 50_000;

const texts = new Map<string, string>();

/**
 * The same text as one string: of ten thousand pods each names its namespace, its node and its phase, and parsed JSON has each of
 * them as often.
 */
export function interned(text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  if (texts.size >= most) texts.clear();
  texts.set(text, text);
  return text;
}
