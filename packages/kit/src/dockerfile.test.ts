import { describe, expect, it } from "vitest";

import { parseDockerfile } from "./dockerfile.ts";

const shipped = `ARG BASE=a
FROM \${BASE} AS build
USER 1:1
RUN one && \\
  two
FROM \${BASE}
COPY --from=build /usr/local/bin/node /node
COPY --from=build /src/dist/a.mjs \\
  /src/dist/b.mjs /app/
ENV A=1 B="two words"
LABEL io.walras.sbom=/app/sbom.json
USER 60920:60920
ENTRYPOINT ["/node", "--flag", "/app/a.mjs"]
`;

describe("a Dockerfile", () => {
  it("is read from its last stage", () => {
    expect(parseDockerfile(shipped, "Dockerfile")).toEqual({
      copies: [
        { from: ["/usr/local/bin/node"], to: "/node" },
        { from: ["/src/dist/a.mjs", "/src/dist/b.mjs"], to: "/app/" },
      ],
      entrypoint: ["/node", "--flag", "/app/a.mjs"],
      user: "60920:60920",
      env: { A: "1", B: "two words" },
      labels: { "io.walras.sbom": "/app/sbom.json" },
    });
  });

  it.each([
    [/^ENTRYPOINT.*$/m, "ENTRYPOINT /node", 'Dockerfile has no ENTRYPOINT ["…"]'],
    [/^USER 60920.*$/m, "USER nobody", "Dockerfile has no USER UID:GID"],
    [/^COPY.*\/node$/m, "COPY node /node", "Dockerfile copies from elsewhere than the stage build: COPY node /node"],
  ])("that is not as ours are is refused: %s", (pattern, line, message) => {
    expect(() => parseDockerfile(shipped.replace(pattern, line), "Dockerfile")).toThrow(message);
  });
});
