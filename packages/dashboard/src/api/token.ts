const key = "walras.token";

/** Where the reader's token is while the tab is open. */
export interface Tokens {
  read(): string | null;
  write(token: string | null): void;
}

export function sessionTokens(storage: Pick<Storage, "getItem" | "setItem" | "removeItem">): Tokens {
  return {
    read: () => storage.getItem(key),
    write: (token) => (token === null ? storage.removeItem(key) : storage.setItem(key, token)),
  };
}

/**
 * A token in the fragment of an address, `#token=…&to=/cpu`: a fragment is never sent.
 *
 * @returns the token, and the fragment that the address is to have instead; null where there is none
 */
export function tokenIn(fragment: string): { readonly token: string; readonly fragment: string } | null {
  if (!fragment.startsWith("#token=")) return null;
  const given = new URLSearchParams(fragment.slice(1));
  const token = given.get("token");
  return token === null || token === "" ? null : { token, fragment: `#${given.get("to") ?? "/cpu"}` };
}
