// What is read of a document: its lines, its links and the anchors of its headings.

/** Lines of prose and tables; what is in a code fence is not among them. */
export function linesOutsideFences(text: string): string[] {
  let fenced = false;
  return text.split("\n").filter((line) => {
    const isFence = /^\s*```/.test(line);
    if (isFence) fenced = !fenced;
    return !isFence && !fenced;
  });
}

/** Targets of inline links and pictures, as they are written. */
export function linksIn(text: string): string[] {
  const prose = linesOutsideFences(text)
    .join("\n")
    .replaceAll(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = ""]) => target);
}

/** The anchors that GitHub gives to headings: a second one of the same words is numbered. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const line of linesOutsideFences(text)) {
    const heading = /^#{1,6} (.*)$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const slug = slugOf(heading);
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Lower case, hyphens for spaces, and nothing else that is no letter, digit, hyphen or underscore. */
function slugOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}
