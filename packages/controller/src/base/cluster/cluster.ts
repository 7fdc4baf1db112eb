import type { Clock, Logger, Rng, Runnable } from "@walras/kit";
import {
  type KubeTransport,
  type Projection as ReflectorProjection,
  projection,
  Reflector,
  type ReflectorObserver,
  type Resource,
  Store,
  type StoreItem,
} from "@walras/kube";

/** How one reader sees objects of a kind: trimmed to what it uses. */
export interface Projection<Item extends StoreItem> {
  readonly resource: Resource;
  /** undefined: not this reader's. @throws FieldError for what cannot be read */
  readonly transform: (raw: unknown) => Item | undefined;
  readonly groupOf?: (item: Item) => string | undefined;
  /** Every object that `transform` takes has these labels, in the API's syntax: the others need not be sent. */
  readonly labelSelector?: string;
}

export interface ClusterOptions {
  readonly transport: KubeTransport;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly observer: ReflectorObserver & { counted(resource: string, count: number): void };
}

/** One reader: its projection's way of asking, its store, and how the watch feeds it. */
interface Reader {
  readonly labelSelector: string | undefined;
  readonly store: object;
  readonly projection: ReflectorProjection;
}

interface Followed {
  readonly resource: Resource;
  readonly readers: Map<object, Reader>;
  /** Nobody needs it where it is not served. */
  mayBeAbsent: boolean;
  reflector: Reflector | undefined;
}

/**
 * The cluster as far as anybody here looks at it: one watch a kind, however
 * many follow it, with a store for each way of looking. Whoever follows the
 * same projection shares its store.
 */
export class Cluster implements Runnable {
  readonly name = "cluster";
  readonly #options: ClusterOptions;
  readonly #kinds = new Map<string, Followed>();

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  /** What one part decides from, of which it is told whether that is current. */
  scope(): ClusterScope {
    return new ClusterScope(this);
  }

  /**
   * Before the start only.
   *
   * @param mayBeAbsent the reader can do without the kind where it is not served
   */
  follow<Item extends StoreItem>(wanted: Projection<Item>, mayBeAbsent = false): Store<Item> {
    const kind = this.#kindOf(wanted.resource);
    kind.mayBeAbsent &&= mayBeAbsent;
    const known = kind.readers.get(wanted);
    // The very projection that made the store, and so of its type.
    if (known) return known.store as Store<Item>;
    const { groupOf, transform, labelSelector } = wanted;
    const store = new Store<Item>(groupOf);
    if (kind.readers.size === 0) this.#count(wanted.resource, store);
    kind.readers.set(wanted, { labelSelector, store, projection: projection(store, transform) });
    return store;
  }

  /** What is wrong with the watch of this kind; null: it is whole and current. */
  trouble({ apiVersion, plural }: Resource): string | null {
    const reflector = this.#kinds.get(`${apiVersion}/${plural}`)?.reflector;
    return reflector ? reflector.trouble() : `${plural}: not listed yet`;
  }

  /** Whether each change of this kind is told as it happens. */
  isLive({ apiVersion, plural }: Resource): boolean {
    return this.#kinds.get(`${apiVersion}/${plural}`)?.reflector?.live() ?? false;
  }

  start(): void {
    for (const kind of this.#kinds.values()) {
      kind.reflector = this.#reflect(kind);
      kind.reflector.start();
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#kinds.values()].map(async ({ reflector }) => reflector?.stop()));
  }

  #kindOf(resource: Resource): Followed {
    const key = `${resource.apiVersion}/${resource.plural}`;
    const kind = this.#kinds.get(key) ?? {
      resource,
      readers: new Map(),
      mayBeAbsent: true,
      reflector: undefined,
    };
    this.#kinds.set(key, kind);
    return kind;
  }

  #reflect({ resource, readers, mayBeAbsent }: Followed): Reflector {
    const all = [...readers.values()];
    const selectors = new Set(all.map(({ labelSelector }) => labelSelector));
    const [labelSelector] = selectors;
    const shared = selectors.size === 1 && labelSelector !== undefined ? { labelSelector } : {};
    const projections = all.map((reader) => reader.projection);
    return new Reflector({ ...this.#options, ...shared, resource, mayBeAbsent, projections });
  }

  #count<Item extends StoreItem>({ plural }: Resource, store: Store<Item>): void {
    store.onChange(() => this.#options.observer.counted(plural, store.size));
  }
}

/** What one part follows of the cluster. */
export class ClusterScope {
  readonly #cluster: Cluster;
  readonly #needed = new Set<Resource>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Follows objects without which nothing can be decided. */
  follow<Item extends StoreItem>(wanted: Projection<Item>): Store<Item> {
    this.#needed.add(wanted.resource);
    return this.#cluster.follow(wanted);
  }

  /** Follows objects of a kind that need not be served here; where it is, nothing can be decided without them. */
  followIfServed<Item extends StoreItem>(wanted: Projection<Item>): Store<Item> {
    this.#needed.add(wanted.resource);
    return this.#cluster.follow(wanted, true);
  }

  /** Whether each change of these is told as it happens: what is free can be given away. */
  isLive(...of: readonly Resource[]): boolean {
    return of.every((resource) => this.#cluster.isLive(resource));
  }

  /** What is not known whole and current, and why; empty: all is. */
  troubles(): readonly string[] {
    return [...this.#needed].flatMap((resource) => this.#cluster.trouble(resource) ?? []);
  }
}
