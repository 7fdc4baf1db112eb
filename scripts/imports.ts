// Who imports whom in packages/controller/src, by folder, from the code itself.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const root = join(import.meta.dirname, "..");
const source = join(root, "packages", "controller", "src");
const importOf = /(?:from|import)\s*\(?\s*"(\.[^"]+)"/g;

/** Arrows between folders: from the one that imports to those that it imports. */
export type Arrows = ReadonlyMap<string, ReadonlySet<string>>;

/** The folder that a file counts to: a part's own folders, and what the base is made of. */
export function roomOf(file: string): string {
  const [first = "", second = "", third = ""] = dirname(file).split("/");
  if (first === "." || first === "") return file;
  if (first === "base" && second === "") return "base";
  if (first === "parts" && second === "") return "parts/part.ts";
  return [first, second, third].filter((name) => name !== "").join("/");
}

/** @param files paths below the source folder, with their texts */
export function arrowsOf(files: ReadonlyMap<string, string>): Arrows {
  const arrows = new Map<string, Set<string>>();
  for (const [file, text] of files) {
    const from = roomOf(file);
    const targets = arrows.get(from) ?? new Set<string>();
    arrows.set(from, targets);
    for (const [, specifier = ""] of text.matchAll(importOf)) {
      const to = roomOf(relative(".", join(dirname(file), specifier)));
      if (to !== from) targets.add(to);
    }
  }
  return arrows;
}

/** A way from a folder back to itself; null where there is none. */
export function circleIn(arrows: Arrows): readonly string[] | null {
  const done = new Set<string>();
  const walk = (room: string, path: readonly string[]): readonly string[] | null => {
    if (path.includes(room)) return [...path.slice(path.indexOf(room)), room];
    if (done.has(room)) return null;
    for (const next of arrows.get(room) ?? []) {
      const circle = walk(next, [...path, room]);
      if (circle) return circle;
    }
    done.add(room);
    return null;
  };
  for (const room of arrows.keys()) {
    const circle = walk(room, []);
    if (circle) return circle;
  }
  return null;
}

/** Folders in rows: what imports nothing of ours is in the last. */
function rowsOf(arrows: Arrows): ReadonlyMap<string, number> {
  const depth = new Map<string, number>();
  const depthOf = (room: string): number => {
    const known = depth.get(room);
    if (known !== undefined) return known;
    const own = Math.max(-1, ...[...(arrows.get(room) ?? [])].map(depthOf)) + 1;
    depth.set(room, own);
    return own;
  };
  for (const room of arrows.keys()) depthOf(room);
  return depth;
}

/** Each row imports from rows below it only. */
export function drawing(arrows: Arrows): string {
  const rows = [...rowsOf(arrows)].toSorted(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  const width = Math.max(...rows.map(([room]) => room.length));
  const lines = rows.flatMap(([room, depth]) => {
    const head = `${String(depth).padStart(2)}  ${room.padEnd(width)}  `;
    const [first = "", ...others] = wrapped([...(arrows.get(room) ?? [])].toSorted(), 150 - head.length);
    return [head + first, ...others.map((line) => " ".repeat(head.length) + line)].map((line) => line.trimEnd());
  });
  return ["```text", ...lines, "```"].join("\n");
}

function wrapped(words: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The same as a picture, with the arrows that no longer way shows already. */
export function picture(arrows: Arrows): string {
  const direct = new Map([...arrows].map(([room, targets]) => [room, withoutDetours(arrows, targets)]));
  const id = (room: string): string => room.replaceAll(/[^a-z]/gi, "_");
  const lines = [...direct]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([room, targets]) => targets.toSorted().map((to) => `  ${id(room)}["${room}"] --> ${id(to)}["${to}"]`));
  return ["```mermaid", "flowchart TD", ...lines, "```"].join("\n");
}

/** Leaves out what is reached through another of the targets. */
function withoutDetours(arrows: Arrows, targets: ReadonlySet<string>): readonly string[] {
  const through = new Set<string>();
  const walk = (room: string): void => {
    for (const next of arrows.get(room) ?? []) {
      if (through.has(next)) continue;
      through.add(next);
      walk(next);
    }
  };
  for (const target of targets) walk(target);
  return [...targets].filter((target) => !through.has(target));
}

/** Every program file of the controller: tests and their helpers are no part of the structure. */
export function controllerFiles(): ReadonlyMap<string, string> {
  const names = readdirSync(source, { recursive: true, encoding: "utf8" });
  const kept = names.filter((name) => name.endsWith(".ts") && !/\.test\.ts$|(^|\/)testing(\/|\.ts$)/.test(name));
  return new Map(kept.map((name) => [name, readFileSync(resolve(source, name), "utf8")]));
}
