/** What a row can be asked for: words are searched in `text`, the others compared. */
export interface Filterable {
  readonly text: string;
  readonly numbers: Readonly<Record<string, number | null>>;
  readonly words: Readonly<Record<string, string>>;
}

type Test = (row: Filterable) => boolean;

const comparison = /^([a-z]+)(<=|>=|<|>|=|:)(.+)$/i;

/**
 * A filter as it is typed: words that must all be met. `cart` is searched in the
 * text, `!cart` must not be in it, `state:unknown` and `price>2` ask for a field.
 * A field that a row lacks, and a number that is not known, meet nothing.
 */
export function filterOf(text: string): Test {
  const tests = text.toLowerCase().split(/\s+/).filter(Boolean).map(testOf);
  return (row) => tests.every((test) => test(row));
}

function testOf(word: string): Test {
  if (word.startsWith("!") && word.length > 1) {
    const test = testOf(word.slice(1));
    return (row) => !test(row);
  }
  const [, field = "", operator = "", value = ""] = comparison.exec(word) ?? [];
  if (field === "") return ({ text }) => text.toLowerCase().includes(word);
  return (row) => fieldMeets(row, field, operator, value);
}

function fieldMeets({ numbers, words, text }: Filterable, field: string, operator: string, value: string): boolean {
  const word = words[field];
  if (word !== undefined) return word.toLowerCase().includes(value);
  const number = numbers[field];
  if (number === undefined) return text.toLowerCase().includes(`${field}${operator}${value}`);
  return number !== null && compares(number, operator, Number(value));
}

function compares(number: number, operator: string, value: number): boolean {
  switch (operator) {
    case "<":
      return number < value;
    case ">":
      return number > value;
    case "<=":
      return number <= value;
    case ">=":
      return number >= value;
    default:
      return number === value;
  }
}
