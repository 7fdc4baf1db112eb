// What the program takes for granted and Node 20 does not have; nothing where it is there.
// It stands before everything in each file of a packed program: scripts/pack.ts.
{
  const define = (target, name, value) => {
    if (!(name in target)) Object.defineProperty(target, name, { value, writable: true, configurable: true });
  };

  define(Promise, "withResolvers", function withResolvers() {
    const made = {};
    made.promise = new this((resolve, reject) => Object.assign(made, { resolve, reject }));
    return made;
  });
  define(Promise, "try", function attempt(run, ...args) {
    return new this((resolve) => resolve(run(...args)));
  });

  define(Map, "groupBy", (items, keyOf) => {
    const groups = new Map();
    let index = 0;
    for (const item of items) {
      const key = keyOf(item, index++);
      if (groups.has(key)) groups.get(key).push(item);
      else groups.set(key, [item]);
    }
    return groups;
  });
  define(Object, "groupBy", (items, keyOf) =>
    Object.assign(Object.create(null), Object.fromEntries(Map.groupBy(items, keyOf))),
  );
  define(Array, "fromAsync", async (items, map = (item) => item) => {
    const found = [];
    for await (const item of items) found.push(await map(item, found.length));
    return found;
  });

  const iterators = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
  define(iterators, "map", function* map(change) {
    let index = 0;
    for (const item of this) yield change(item, index++);
  });
  define(iterators, "filter", function* filter(isWanted) {
    let index = 0;
    for (const item of this) if (isWanted(item, index++)) yield item;
  });
  define(iterators, "flatMap", function* flatMap(change) {
    let index = 0;
    for (const item of this) yield* change(item, index++);
  });
  define(iterators, "take", function* take(count) {
    for (const item of this) {
      if (count-- <= 0) return;
      yield item;
    }
  });
  define(iterators, "drop", function* drop(count) {
    for (const item of this) if (count-- <= 0) yield item;
  });
  for (const name of ["some", "every", "find", "reduce", "forEach"])
    define(iterators, name, function ofArray(...args) {
      return [...this][name](...args);
    });
  define(iterators, "toArray", function toArray() {
    return [...this];
  });

  define(Set.prototype, "union", function union(other) {
    return new Set([...this, ...other.keys()]);
  });
  define(Set.prototype, "intersection", function intersection(other) {
    return new Set([...this].filter((item) => other.has(item)));
  });
  define(Set.prototype, "difference", function difference(other) {
    return new Set([...this].filter((item) => !other.has(item)));
  });
  define(Set.prototype, "isSubsetOf", function isSubsetOf(other) {
    return [...this].every((item) => other.has(item));
  });

  // undici marks what it makes; only whoever sends such a thing to a worker would notice.
  require("node:worker_threads").markAsUncloneable ??= () => undefined;
  // undici can read what is packed like this; API servers do not pack like this.
  require("node:zlib").createZstdDecompress ??= () => {
    throw new Error("zstd needs Node 22.15 or later");
  };
}
