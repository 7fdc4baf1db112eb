/** A longer key is nobody's slip of the finger, and not worth the time. */
const longestKey = 100;

/** The word that takes the fewest edits, or holds the key; null where that would be half of the key. */
export function nearestOf(key: string, words: readonly string[]): string | null {
  if (key.length > longestKey) return null;
  const [nearest] = words
    .map((word) => ({ word, edits: distanceOf(key.toLowerCase(), word.toLowerCase()) }))
    .toSorted((one, other) => one.edits - other.edits);
  return nearest && nearest.edits <= Math.max(2, key.length / 2) ? nearest.word : null;
}

/** A word of which the key is a part is as near as can be without being it. */
function distanceOf(key: string, word: string): number {
  return key !== word && key.length > 3 && word.includes(key) ? 1 : editsBetween(key, word);
}

/** Levenshtein's distance, a row at a time. */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of one.split("").entries()) {
    const next = [index + 1];
    for (const [column, otherLetter] of other.split("").entries()) {
      const kept = (row[column] ?? 0) + (letter === otherLetter ? 0 : 1);
      next.push(Math.min(kept, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
