/** A longer text in a gRPC status makes clients end their whole connection: it is a header, and headers are bounded. */
export const longestTold = 256;

/**
 * A text that came from elsewhere, at most so long, and such that it can be
 * encoded: half of a surrogate pair is an error of encodeURI, and gRPC does
 * not catch it.
 */
export function clip(text: string, mostChars = longestTold): string {
  const short = text.length <= mostChars ? text : `${text.slice(0, mostChars - 1)}…`;
  return short.toWellFormed();
}
