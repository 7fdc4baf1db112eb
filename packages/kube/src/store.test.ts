import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Store, type StoreChange, type StoreItem } from "./store.ts";

interface Item extends StoreItem {
  readonly node: string;
}

const nodeOf = ({ node }: Item): string | undefined => (node === "" ? undefined : node);

function item(uid: string, name: string, node = ""): Item {
  return { uid, namespace: "ns", name, node };
}

function recorded(store: Store<Item>): string[] {
  const told: string[] = [];
  store.onChange(({ type, item: { name, uid } }) => told.push(`${type} ${name}:${uid}`));
  return told;
}

describe("a store", () => {
  test("finds items by UID, by name and by group", () => {
    const store = new Store(nodeOf);
    store.put(item("u1", "a", "n1"));
    store.put(item("u2", "b", "n1"));
    store.put(item("u3", "c"));
    expect(store.get("u2")?.name).toBe("b");
    expect(store.named("ns", "c")?.uid).toBe("u3");
    expect(store.group("n1").map(({ uid }) => uid)).toEqual(["u1", "u2"]);
    expect([...store.groups()]).toEqual(["n1"]);
  });

  test("moves an item between groups and forgets empty ones", () => {
    const store = new Store(nodeOf);
    store.put(item("u1", "a", "n1"));
    store.put(item("u1", "a", "n2"));
    expect([store.group("n1"), store.group("n2").length, [...store.groups()]]).toEqual([[], 1, ["n2"]]);
  });

  test("a successor of the same name is a deletion and an addition", () => {
    const store = new Store(nodeOf);
    store.put(item("old", "a"));
    const told = recorded(store);
    store.put(item("new", "a"));
    store.remove("old");
    expect(told).toEqual(["deleted a:old", "added a:new"]);
    expect(store.named("ns", "a")?.uid).toBe("new");
  });

  test("a replacement tells differences only, successors included", () => {
    const store = new Store(nodeOf);
    for (const one of [item("u1", "same"), item("u2", "moved"), item("u3", "gone"), item("u4", "reborn")])
      store.put(one);
    const told = recorded(store);
    store.replace([item("u1", "same"), item("u2", "moved", "n1"), item("u5", "reborn"), item("u6", "new")]);
    expect(told.toSorted()).toEqual([
      "added new:u6",
      "added reborn:u5",
      "deleted gone:u3",
      "deleted reborn:u4",
      "updated moved:u2",
    ]);
  });

  test("what one listener throws reaches neither the others nor the store", () => {
    const store = new Store(nodeOf);
    const errors: unknown[] = [];
    store.reportListenerErrors((error) => errors.push(error));
    store.onChange(() => {
      throw new Error("listener");
    });
    const told = recorded(store);
    store.put(item("u1", "a"));
    expect([told, store.size, errors.length]).toEqual([["added a:u1"], 1, 1]);
  });
});

type Step =
  | { readonly do: "put"; readonly item: Item }
  | { readonly do: "remove"; readonly uid: string }
  | { readonly do: "replace"; readonly items: readonly Item[] };

const anyItem = fc
  .tuple(fc.nat(5), fc.nat(3), fc.nat(2))
  .map(([uid, name, node]) => item(`u${uid}`, `p${name}`, node === 0 ? "" : `n${node}`));
/** As a server lists: no two of one name or UID, and no UID that changes its name. */
const anyList = fc
  .uniqueArray(anyItem, { selector: ({ name }) => name, maxLength: 4 })
  .map((items) => items.map((one) => ({ ...one, uid: `${one.uid}-${one.name}` })));
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  anyItem.map((one) => ({ do: "put" as const, item: { ...one, uid: `${one.uid}-${one.name}` } })),
  fc.tuple(fc.nat(5), fc.nat(3)).map(([uid, name]) => ({ do: "remove" as const, uid: `u${uid}-p${name}` })),
  anyList.map((items) => ({ do: "replace" as const, items })),
);

function replay(told: readonly StoreChange<Item>[]): Map<string, Item> {
  const world = new Map<string, Item>();
  for (const change of told) {
    const known = world.get(change.item.uid);
    expect(known !== undefined).toBe(change.type !== "added");
    if (change.type === "updated") expect(change.previous).toBe(known);
    if (change.type === "deleted") world.delete(change.item.uid);
    else world.set(change.item.uid, change.item);
  }
  return world;
}

test("changes replayed give the store, and every index agrees with it", () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
      const store = new Store(nodeOf);
      const told: StoreChange<Item>[] = [];
      store.onChange((change) => told.push(change));
      for (const step of steps) {
        if (step.do === "put") store.put(step.item);
        else if (step.do === "remove") store.remove(step.uid);
        else store.replace(step.items);
        if (step.do === "replace") expect(new Set(store.values())).toEqual(new Set(step.items));
      }
      const items = [...store.values()];
      expect([...replay(told).values()].toSorted(byUid)).toEqual(items.toSorted(byUid));
      for (const one of items) expect(store.named("ns", one.name)).toBe(one);
      const grouped = [...store.groups()].flatMap((node) => store.group(node));
      expect(new Set(grouped)).toEqual(new Set(items.filter(({ node }) => node !== "")));
    }),
  );
});

function byUid(one: Item, other: Item): number {
  return one.uid < other.uid ? -1 : 1;
}
