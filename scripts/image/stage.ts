import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, realpath, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";

import type { Copied } from "../../packages/kit/src/dockerfile.ts";
import { execa } from "execa";

import type { ProgramName } from "./programs.ts";
import type { TarFile } from "./tar.ts";

const root = join(import.meta.dirname, "..", "..");
/** Which the base of the Dockerfiles does not have. */
const beside = "libatomic.so.1";
/** Of the base, and wanted by libraries with native code. */
const resolver = "libresolv.so.2";

/** The build stage of a Dockerfile on this machine: its files, by where they are in the stage. */
export class BuildStage {
  readonly #places: ReadonlyMap<string, string>;

  private constructor(places: ReadonlyMap<string, string>) {
    this.#places = places;
  }

  /** Bundles the program, and lays out what else the stage makes. @param folder for that */
  static async of(program: ProgramName, folder: string): Promise<BuildStage> {
    const dist = join(folder, "dist");
    const bundle = [join(root, "scripts", "bundle.ts"), program, "--dist", dist];
    await execa(process.execPath, bundle, { cwd: root, preferLocal: true });
    return new BuildStage(
      new Map([
        ["/src/dist", dist],
        ["/src", root],
        ["/beside", await layBeside(join(folder, "beside"))],
        ["/usr/local/bin/node", process.execPath],
        ["/usr/local/LICENSE", await nodeLicence(folder)],
      ]),
    );
  }

  /** What the last stage takes. @throws Error for what the stage does not have */
  async take({ from, to }: Copied): Promise<readonly TarFile[]> {
    const intoFolder = to.endsWith("/") || from.length > 1;
    const taken: TarFile[] = [];
    for (const source of from) {
      const file = this.#fileOf(source);
      const isFolder = (await stat(file)).isDirectory();
      if (isFolder) taken.push(...(await filesOf(file, to)));
      else taken.push(await placed(file, intoFolder ? join(to, basename(source)) : to));
    }
    return taken;
  }

  #fileOf(source: string): string {
    const known = [...this.#places.keys()].toSorted((one, other) => other.length - one.length);
    const place = known.find((one) => source === one || source.startsWith(`${one}/`));
    if (place === undefined) throw new Error(`there is no ${source} in the build stage of this machine`);
    return join(this.#places.get(place) ?? "", source.slice(place.length));
  }
}

/** What the base of the Dockerfiles has and ours need: libraries, their licences, and the authorities of the web. */
export async function baseFiles(extent?: "with all libraries"): Promise<readonly TarFile[]> {
  const needed = (await libraries()).filter((file) => extent !== undefined || basename(file) !== beside);
  const c = needed.find((file) => basename(file) === "libc.so.6") ?? "";
  const all = [...needed, join(dirname(c), resolver)].filter((file) => existsSync(file));
  const others = [...(await copyrights(all)), "/etc/ssl/certs/ca-certificates.crt"].filter((file) => existsSync(file));
  return Promise.all([...all, ...others].map((file) => placed(file, file)));
}

/** Shared libraries of Node.js on this machine, where it looks for them. */
async function libraries(): Promise<readonly string[]> {
  const { stdout } = await execa("ldd", [process.execPath]);
  return stdout.split("\n").flatMap((line) => /(?:^\s*|=> )(\/\S+)/.exec(line)?.[1] ?? []);
}

async function layBeside(folder: string): Promise<string> {
  await mkdir(join(folder, "usr", "lib"), { recursive: true });
  await mkdir(join(folder, "licenses"), { recursive: true });
  const found = (await libraries()).filter((file) => basename(file) === beside);
  for (const file of found) await cp(await realpath(file), join(folder, "usr", "lib", beside));
  for (const file of await copyrights(found)) await cp(file, join(folder, "licenses", "libatomic1"));
  return folder;
}

/** Of the Debian packages that the files are of; none on a machine that is not Debian's. */
async function copyrights(files: readonly string[]): Promise<readonly string[]> {
  const real = await Promise.all(files.map((file) => realpath(file)));
  const names = [...new Set([...files, ...real].flatMap((file) => [file, file.replace(/^\/usr(?=\/lib)/, "")]))];
  if (names.length === 0) return [];
  const { stdout = "" } = await execa("dpkg-query", ["--search", ...names], { reject: false, stderr: "ignore" });
  const packages = stdout.split("\n").flatMap((line) => /^([^:]+):/.exec(line)?.[1] ?? []);
  return [...new Set(packages)].toSorted().map((name) => `/usr/share/doc/${name}/copyright`);
}

/** Beside the program, as its archive has it; else where it is, since the npm package is without. */
async function nodeLicence(folder: string): Promise<string> {
  const own = join(dirname(process.execPath), "..", "LICENSE");
  if (existsSync(own)) return own;
  const mit = await readFile(join(root, "scripts", "licences", "MIT.txt"), "utf8");
  const file = join(folder, "node-licence");
  const where = `https://github.com/nodejs/node/blob/${process.version}/LICENSE`;
  await writeFile(file, `Copyright Node.js contributors. The licences of its parts: ${where}\n\n${mit}`);
  return file;
}

async function filesOf(folder: string, to: string): Promise<readonly TarFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.map((file) => placed(file, join(to, relative(folder, file)))));
}

/** Whoever may run it here may run it there. */
export async function placed(file: string, at: string): Promise<TarFile> {
  const { mode } = await stat(file);
  return { path: at.replace(/^\//, ""), content: { file }, mode: mode & 0o111 ? 0o755 : 0o644 };
}
