import { describe, expect, it } from "vitest";

import type { Licensed } from "./notices.ts";
import { type Bill, billOfMaterials, integrities } from "./sbom.ts";

const digest = Buffer.alloc(64, 7);
const lockfile = `
packages:
  '@grpc/grpc-js@1.14.7':
    resolution: {integrity: sha512-${digest.toString("base64")}}
  odd@1.0.0:
    resolution: {tarball: https://example.org/odd.tgz}
`;

const packageOf = (name: string, version: string, licence = "MIT"): Licensed => ({ name, version, licence, text: "" });
const packages = [packageOf("pino", "10.4.0"), packageOf("@grpc/grpc-js", "1.14.7", "Apache-2.0")];

function bill(of: readonly Licensed[] = packages): Bill {
  return billOfMaterials({ name: "walras-agent", version: "0.1.0" }, of, {
    known: integrities(lockfile),
    node: "26.10.0",
  });
}

describe("the bill of materials", () => {
  it("has each package of the bundle once, with its licence and the hash that the lockfile has, and Node.js", () => {
    const { components } = bill([...packages, ...packages]);
    expect(components.map(({ purl }) => purl)).toEqual([
      "pkg:generic/node@26.10.0",
      "pkg:npm/%40grpc/grpc-js@1.14.7",
      "pkg:npm/pino@10.4.0",
    ]);
    expect(components[1]).toMatchObject({
      type: "library",
      licenses: [{ expression: "Apache-2.0" }],
      hashes: [{ alg: "SHA-512", content: digest.toString("hex") }],
    });
    expect(components[2]?.hashes).toBeUndefined();
  });

  it("says of what it is, and that all of it is in there", () => {
    const { metadata, components, dependencies } = bill();
    expect(metadata.component).toMatchObject({ type: "application", name: "walras-agent", version: "0.1.0" });
    const refs = components.map((one) => one["bom-ref"]);
    expect(dependencies).toEqual([{ ref: "walras-agent@0.1.0", dependsOn: refs }]);
  });

  it("is the same for the same bundle in any order, with a number of its own for another", () => {
    expect(bill(packages.toReversed())).toEqual(bill());
    const number = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    expect(bill().serialNumber).toMatch(number);
    expect(bill(packages.slice(1)).serialNumber).not.toBe(bill().serialNumber);
  });
});
