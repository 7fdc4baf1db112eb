// A bundle's bill of materials: CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/.
import { createHash } from "node:crypto";

import { parse } from "yaml";

import type { Licensed } from "./notices.ts";

/** A program of ours. */
export interface BilledProgram {
  readonly name: string;
  readonly version: string;
}

interface Component {
  readonly type: "application" | "library" | "platform";
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly licenses?: readonly { readonly expression: string }[];
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
}

/** A CycloneDX document, as far as ours go. */
export interface Bill {
  readonly bomFormat: "CycloneDX";
  readonly specVersion: "1.6";
  readonly serialNumber: string;
  readonly version: 1;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** SHA-512 of packages' archives in hexadecimal digits, by NAME@VERSION. */
export type Integrities = ReadonlyMap<string, string>;

/** @param lockfile text of pnpm-lock.yaml */
export function integrities(lockfile: string): Integrities {
  const { packages = {} } = parse(lockfile) as {
    readonly packages?: Readonly<Record<string, { readonly resolution?: { readonly integrity?: string } }>>;
  };
  return new Map(
    Object.entries(packages).flatMap(([key, { resolution }]) => {
      const [, digest] = /^sha512-(.+)$/.exec(resolution?.integrity ?? "") ?? [];
      return digest === undefined ? [] : [[key, Buffer.from(digest, "base64").toString("hex")] as const];
    }),
  );
}

/**
 * What is in the image of a program beside its base: the packages of its bundle, and Node.js. The same input makes the
 * same document: it has no time, and its number is made from what it says.
 */
export function billOfMaterials(
  program: BilledProgram,
  packages: readonly Licensed[],
  { known, node }: { readonly known: Integrities; readonly node: string },
): Bill {
  const component: Component = {
    type: "application",
    "bom-ref": `${program.name}@${program.version}`,
    ...program,
    licenses: [{ expression: "Apache-2.0" }],
  };
  const byRef = new Map([runtime(node), ...packages.map((one) => library(one, known))].map((one) => [one.purl, one]));
  const components = [...byRef.values()].toSorted((one, other) => (one["bom-ref"] < other["bom-ref"] ? -1 : 1));
  const dependsOn = components.map((one) => one["bom-ref"]);
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify([component, components]))}`,
    version: 1,
    metadata: { component },
    components,
    dependencies: [{ ref: component["bom-ref"], dependsOn }],
  };
}

function runtime(version: string): Component {
  const purl = `pkg:generic/node@${version}`;
  return { type: "platform", "bom-ref": purl, name: "node", version, purl, licenses: [{ expression: "MIT" }] };
}

function library({ name, version, licence }: Licensed, known: Integrities): Component {
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  const content = known.get(`${name}@${version}`);
  const licenses = [{ expression: licence }];
  return {
    type: "library",
    "bom-ref": purl,
    name,
    version,
    purl,
    licenses,
    ...(content !== undefined && { hashes: [{ alg: "SHA-512", content }] }),
  };
}

/** A UUID of version 8: its bits are our own affair (RFC 9562, 5.8). */
function uuidOf(text: string): string {
  const digits = createHash("sha256").update(text).digest("hex");
  const variant = ((Number.parseInt(digits.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  const parts = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
  ];
  return [...parts, digits.slice(20, 32)].join("-");
}
