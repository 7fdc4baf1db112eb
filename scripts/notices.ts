// The licences of what a bundle holds of others.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A package of others, as its own files have it. */
export interface Licensed {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly licence: string;
  /** Its licence files, one after the other. */
  readonly text: string;
}

/** What may be shipped: scripts/licences.json. */
export interface LicenceRules {
  /** SPDX identifiers. */
  readonly allowed: readonly string[];
  /** Packages under another licence, or without a licence file of the usual name. */
  readonly packages: Readonly<Record<string, Exception>>;
}

interface Exception {
  readonly licence: string;
  /** Files of the package. */
  readonly own: readonly string[];
  /** Files of scripts/licences. */
  readonly standard: readonly string[];
  readonly why: string;
}

interface PackageJson {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string };
}

const standardTexts = join(import.meta.dirname, "licences");
const licenceFile = /^(?:(?:un)?licen[cs]e|copying|notice)(?:[.-].*)?$/i;

/** The folders of packages of others among a bundle's inputs, as esbuild's metafile names those. */
export function packageFolders(inputs: readonly string[]): readonly string[] {
  const folders = inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []);
  return [...new Set(folders)].toSorted();
}

/** @throws AggregateError telling of each package that may not be shipped */
export async function readAllLicensed(folders: readonly string[], rules: LicenceRules): Promise<readonly Licensed[]> {
  const read = await Promise.allSettled(folders.map((folder) => readLicensed(folder, rules)));
  const failures = read.flatMap((one) => (one.status === "rejected" ? [one.reason as Error] : []));
  if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join("\n"));
  return read.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}

/** @throws Error for a package without a licence, without its text, or under one that the rules do not allow */
async function readLicensed(folder: string, { allowed, packages }: LicenceRules): Promise<Licensed> {
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as PackageJson;
  const { name, version, license } = manifest;
  const exception = packages[name];
  if (!license) throw new Error(`${name} ${version}: its package.json names no licence`);
  if (!isAllowed(license, allowed) && exception?.licence !== license)
    throw new Error(`${name} ${version}: ${license} is not among the licences of scripts/licences.json`);
  const text = await (exception ? exceptionText(folder, exception, manifest) : ownText(folder));
  if (text === "") throw new Error(`${name} ${version}: it has no licence file`);
  return { name, version, licence: license, text };
}

async function ownText(folder: string): Promise<string> {
  return textsOf(folder, (await readdir(folder)).filter((file) => licenceFile.test(file)).toSorted());
}

/** A standard text names nobody. */
async function exceptionText(folder: string, { own, standard }: Exception, { author }: PackageJson): Promise<string> {
  const holder = typeof author === "object" ? author.name : author;
  const texts = [
    holder === undefined ? "" : `Copyright (c) ${holder}`,
    await textsOf(folder, own),
    await textsOf(
      standardTexts,
      standard.map((licence) => `${licence}.txt`),
    ),
  ];
  return texts.filter((text) => text !== "").join("\n\n");
}

async function textsOf(folder: string, files: readonly string[]): Promise<string> {
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  return texts.map((text) => text.trim()).join("\n\n");
}

/**
 * Whether an SPDX expression can be met by these licences.
 *
 * @throws Error for AND beside OR, which needs parentheses to be read
 */
export function isAllowed(expression: string, allowed: readonly string[]): boolean {
  const terms = expression.replaceAll(/[()]/g, "").split(/ (AND|OR) /);
  const operators = new Set(terms.filter((_, index) => index % 2 === 1));
  if (operators.size > 1) throw new Error(`${expression} has both AND and OR`);
  const known = terms.filter((_, index) => index % 2 === 0).map((licence) => allowed.includes(licence));
  return operators.has("OR") ? known.some(Boolean) : known.every(Boolean);
}

/** One text for all, each package once, by name. */
export function noticesText(packages: readonly Licensed[]): string {
  const byTitle = new Map(packages.map((one) => [`${one.name} ${one.version} (${one.licence})`, one.text]));
  const titles = [...byTitle.keys()].toSorted();
  const head = `This program contains ${titles.length} packages of others, under these licences:\n`;
  return [head, ...titles.map((title) => `${"=".repeat(80)}\n${title}\n\n${byTitle.get(title)}\n`)].join("\n");
}
