import type { ViewAccess, ViewVerdict } from "./viewAccess.ts";

/** Knows the paths that each token may read, and nothing while it is away. */
export class FakeViewAccess implements ViewAccess {
  readonly #paths: Readonly<Record<string, readonly string[]>>;
  away = false;

  constructor(paths: Readonly<Record<string, readonly string[]>>) {
    this.#paths = paths;
  }

  mayRead(token: string, path: string): Promise<ViewVerdict> {
    if (this.away) return Promise.reject(new Error("the API server is away"));
    const paths = this.#paths[token];
    if (!paths) return Promise.resolve("unauthenticated");
    return Promise.resolve(paths.includes(path) ? "allowed" : "forbidden");
  }
}
