/** A command as a document shows it, and what it prints there. */
export interface Sample {
  readonly command: string;
  readonly printed: readonly string[];
}

const fence = /^```\w*\n([^]*?)^```$/gm;

/** Every command after `$ ` in the fences of a document, in their order. */
export function samplesIn(text: string): readonly Sample[] {
  return [...text.matchAll(fence)].flatMap(([, inside = ""]) => samplesOf(inside.trimEnd().split("\n")));
}

function samplesOf(lines: readonly string[]): readonly Sample[] {
  const found: { command: string; printed: string[] }[] = [];
  for (const line of lines) {
    const last = found.at(-1);
    if (line.startsWith("$ ")) found.push({ command: line.slice(2), printed: [] });
    else if (last && last.printed.length === 0 && goesOn(last.command)) last.command += `\n${line}`;
    else last?.printed.push(line);
  }
  return found.map(({ command, printed }) => ({ command, printed: withoutGap(printed) }));
}

/** An open quote, or a backslash at the end. */
function goesOn(command: string): boolean {
  return command.endsWith("\\") || command.replaceAll(/[^']/g, "").length % 2 === 1;
}

/** Between two commands there may be an empty line. */
function withoutGap(printed: readonly string[]): readonly string[] {
  return printed.at(-1) === "" ? printed.slice(0, -1) : printed;
}

/**
 * The lines of a sample that a program's output does not have at their place.
 * A line that ends with … is the beginning of one; one that is nothing else stands for all that follow.
 */
export function untrue({ printed }: Sample, output: string): readonly string[] {
  const lines = output === "" ? [] : output.trimEnd().split("\n");
  const rest = printed.indexOf("…");
  const shown = rest < 0 ? printed : printed.slice(0, rest);
  const tooMany = rest < 0 ? lines.slice(shown.length).map((line) => `not shown: ${line}`) : [];
  return [...shown.filter((line, at) => !isSame(line, lines[at] ?? "")), ...tooMany];
}

function isSame(shown: string, line: string): boolean {
  return shown.endsWith("…") ? line.startsWith(shown.slice(0, -1).trimEnd()) : line.trimEnd() === shown.trimEnd();
}
