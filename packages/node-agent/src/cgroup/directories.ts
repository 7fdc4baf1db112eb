import { readdirSync, statSync } from "node:fs";

interface Listed {
  readonly inode: number;
  readonly links: number;
  readonly changedMs: number;
  readonly names: readonly string[];
}

/**
 * Subdirectories by directory, read again only where they have changed. The
 * kernel counts a group's children in its links; other file systems also tell
 * by the time of change.
 */
export class Directories {
  readonly #listed = new Map<string, Listed>();

  /** The names of the subdirectories of `path`; null where it is not, or no longer, there. */
  list(path: string): readonly string[] | null {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat?.isDirectory()) {
      this.#listed.delete(path);
      return null;
    }
    const known = this.#listed.get(path);
    if (known && known.inode === stat.ino && known.links === stat.nlink && known.changedMs === stat.mtimeMs) {
      return known.names;
    }
    const names = subdirectories(path);
    if (names) this.#listed.set(path, { inode: stat.ino, links: stat.nlink, changedMs: stat.mtimeMs, names });
    return names;
  }

  /** Believes nothing it knows: a child that came as another went leaves the links as they were. */
  forget(): void {
    this.#listed.clear();
  }
}

function subdirectories(path: string): readonly string[] | null {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return null;
  }
}
