/** What a watch told, by the version of the object: versions of all kinds are in the order of the writes. */
export interface Change {
  readonly version: number;
  readonly kind: "pod" | "claim";
  readonly gone: boolean;
  readonly name: string;
  /** Of a pod: its node, "" for none. */
  readonly node?: string;
  /** Of a pod: its scheduler. */
  readonly scheduler?: string;
  /** Of a pod: names of its claims. */
  readonly claims?: readonly string[];
  /** Of a claim: devices that it has. */
  readonly devices?: readonly string[];
  /** Of a claim: UIDs that it is reserved for. */
  readonly users?: readonly string[];
  readonly uid: string;
}

export interface Judgement {
  /** Moments at which a device was in use by two pods that were bound; what must never be. */
  readonly inUseTwice: readonly string[];
  /** Pods that were bound without their claims being allocated and reserved for them. */
  readonly unserved: readonly string[];
  /** How often a claim was given a device that another one had: it has to be taken back before its pod is bound. */
  readonly overlaps: number;
  /** Devices that two claims have at the end, but for those of which one is in use, and the other waits unused until that has gone. */
  readonly twiceAtEnd: readonly string[];
  /** Bound pods at the end, by scheduler. */
  readonly bound: Readonly<Record<string, number>>;
  readonly allocatedAtEnd: number;
}

/**
 * Replays what happened, write by write. It knows nothing of how anybody decides, and shares no code with those who do.
 */
export function judge(changes: readonly Change[]): Judgement {
  const state = new State();
  for (const change of changes.toSorted((one, other) => one.version - other.version)) state.apply(change);
  return state.judgement();
}

class State {
  readonly #pods = new Map<string, Change>();
  readonly #claims = new Map<string, Change>();
  readonly #inUseTwice: string[] = [];
  readonly #unserved: string[] = [];
  #overlaps = 0;

  apply(change: Change): void {
    if (change.kind === "claim") this.#claim(change);
    else this.#pod(change);
  }

  judgement(): Judgement {
    const bound: Record<string, number> = {};
    for (const { node, scheduler = "" } of this.#pods.values())
      if (node !== "") bound[scheduler] = (bound[scheduler] ?? 0) + 1;
    const owners = this.#owners();
    return {
      inUseTwice: this.#inUseTwice,
      unserved: this.#unserved,
      overlaps: this.#overlaps,
      twiceAtEnd: [...owners].filter(([, claims]) => this.#isStuck(claims)).map(([device]) => device),
      bound,
      allocatedAtEnd: owners.size,
    };
  }

  #claim(change: Change): void {
    const before = this.#claims.get(change.name)?.devices ?? [];
    if (change.gone) this.#claims.delete(change.name);
    else this.#claims.set(change.name, change);
    const got = (change.gone ? [] : (change.devices ?? [])).filter((device) => !before.includes(device));
    for (const device of got) {
      const others = this.#having(device).filter((name) => name !== change.name);
      if (others.length > 0) this.#overlaps += 1;
      this.#look(device, change.version);
    }
  }

  #pod(change: Change): void {
    const before = this.#pods.get(change.name);
    if (change.gone) this.#pods.delete(change.name);
    else this.#pods.set(change.name, change);
    if (change.gone || change.node === "" || before?.node === change.node) return;
    for (const name of change.claims ?? []) {
      const claim = this.#claims.get(name);
      if ((claim?.devices ?? []).length === 0 || !claim?.users?.includes(change.uid))
        this.#unserved.push(`${change.version}: ${change.name} on ${change.node} without ${name}`);
      for (const device of claim?.devices ?? []) this.#look(device, change.version);
    }
  }

  /** Several have a device, and it is not so that one of them uses it. */
  #isStuck(claims: readonly string[]): boolean {
    return claims.length > 1 && this.#usersOf(claims).length !== 1;
  }

  /** Pods that are bound, with one of these claims. */
  #usersOf(claims: readonly string[]): Change[] {
    return [...this.#pods.values()].filter(
      ({ node, claims: its = [] }) => node !== "" && its.some((name) => claims.includes(name)),
    );
  }

  /** Whether two pods that are bound have it. */
  #look(device: string, version: number): void {
    const users = this.#usersOf(this.#having(device));
    if (users.length > 1)
      this.#inUseTwice.push(
        `${version}: ${device} by ${users.map(({ name, scheduler }) => `${name} of ${scheduler ?? ""}`).join(" and ")}`,
      );
  }

  #having(device: string): string[] {
    return [...this.#claims.values()].filter(({ devices = [] }) => devices.includes(device)).map(({ name }) => name);
  }

  #owners(): Map<string, string[]> {
    const owners = new Map<string, string[]>();
    for (const { name, devices = [] } of this.#claims.values())
      for (const device of devices) owners.set(device, [...(owners.get(device) ?? []), name]);
    return owners;
  }
}
