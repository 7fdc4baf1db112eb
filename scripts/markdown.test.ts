import { describe, expect, it } from "vitest";

import { anchorsOf, linesOutsideFences, linksIn } from "./markdown.ts";

const text = `# One & two

See [here](a.md#b) and ![a picture](b.svg), not \`[this](c.md)\`.

\`\`\`
## no heading, [no link](d.md)
\`\`\`

## HTTP/1.1: \`--parts\`
## One & two
`;

describe("a document", () => {
  it("has links outside of code", () => {
    expect(linksIn(text)).toEqual(["a.md#b", "b.svg"]);
  });

  it("has the anchors that GitHub gives to headings", () => {
    expect([...anchorsOf(text)]).toEqual(["one--two", "http11---parts", "one--two-1"]);
  });

  it("has lines that are in no fence", () => {
    expect(linesOutsideFences("a\n```\nb\n```\nc")).toEqual(["a", "c"]);
  });
});
