// Finds circles of files that import each other: none of them can be read, or moved, without the others.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const relativeImport = /\b(?:from|import)\s*\(?\s*["'](\.{1,2}\/[^"']+)["']/g;

/**
 * The circles among the sources of all packages, tests left out. Imports of
 * types count too: the compiler drops them, a reader does not.
 *
 * @param root of the repository
 * @returns each group of files that can all reach each other, as sorted paths relative to the root
 */
export function circlesIn(root: string): string[][] {
  const packages = join(root, "packages");
  const files = readdirSync(packages).flatMap((name) => sourcesOf(join(packages, name, "src")));
  return circlesOf(new Map(files.map((file) => [file, importsOf(file)]))).map((circle) =>
    circle.map((file) => relative(root, file)).toSorted(),
  );
}

function sourcesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => join(folder, file));
}

function importsOf(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(relativeImport)].map(([, path = ""]) => join(dirname(file), path));
}

/** The strongly connected components of more than one file, and files that import themselves: Tarjan, 1972. */
export function circlesOf(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const search = new Search(imports);
  for (const file of imports.keys()) search.visit(file);
  return search.circles;
}

class Search {
  readonly circles: string[][] = [];
  readonly #imports: ReadonlyMap<string, readonly string[]>;
  /** When each file was first seen. */
  readonly #order = new Map<string, number>();
  /** Seen, and not in a component yet. */
  readonly #open: string[] = [];

  constructor(imports: ReadonlyMap<string, readonly string[]>) {
    this.#imports = imports;
  }

  /** @returns the earliest open file that this one reaches */
  visit(file: string): number {
    const seen = this.#order.get(file);
    if (seen !== undefined) return this.#open.includes(file) ? seen : Infinity;
    const own = this.#order.size;
    this.#order.set(file, own);
    this.#open.push(file);
    const targets = this.#imports.get(file) ?? [];
    const earliest = Math.min(own, ...targets.map((target) => this.visit(target)));
    if (earliest === own) this.#close(file, targets.includes(file));
    return earliest;
  }

  #close(file: string, importsItself: boolean): void {
    const component = this.#open.splice(this.#open.indexOf(file));
    if (component.length > 1 || importsItself) this.circles.push(component);
  }
}
