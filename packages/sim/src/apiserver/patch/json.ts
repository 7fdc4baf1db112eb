import { sameJson } from "../objects/equality.ts";
import { isMap, type JsonMap } from "../objects/model.ts";
import { ApiFailure, badRequest } from "../status.ts";

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

type Change = (container: unknown, key: string) => unknown;

/**
 * RFC 6902. The target is not changed; containers on the way are copied.
 *
 * @throws ApiFailure 400 where the patch is no patch, 422 where it does not apply
 */
export function applyJsonPatch(target: JsonMap, patch: unknown): JsonMap {
  if (!Array.isArray(patch)) {
    throw badRequest(
      "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
    );
  }
  return patch.reduce<unknown>((document, step) => applyOne(document, step as Operation), target) as JsonMap;
}

function applyOne(document: unknown, step: Operation): unknown {
  switch (step.op) {
    case "add":
      return edit(document, pointer(step.path), insert(step.value));
    case "replace":
      read(document, pointer(step.path));
      return edit(document, pointer(step.path), assign(step.value));
    case "remove":
      return edit(document, pointer(step.path), remove);
    case "move":
      return move(document, step);
    case "copy":
      return edit(document, pointer(step.path), insert(read(document, pointer(step.from ?? ""))));
    case "test":
      if (!sameJson(read(document, pointer(step.path)), step.value)) throw doesNotApply();
      return document;
    default:
      throw doesNotApply();
  }
}

function move(document: unknown, step: Operation): unknown {
  const from = pointer(step.from ?? "");
  const value = read(document, from);
  return edit(edit(document, from, remove), pointer(step.path), insert(value));
}

function pointer(path: string): readonly string[] {
  if (path === "") return [];
  if (!path.startsWith("/")) throw doesNotApply();
  return path
    .slice(1)
    .split("/")
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function read(document: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => member(value, key), document);
}

function member(container: unknown, key: string): unknown {
  if (Array.isArray(container)) return container[indexIn(container, key)];
  if (isMap(container) && Object.hasOwn(container, key)) return container[key];
  throw doesNotApply();
}

function edit(document: unknown, path: readonly string[], change: Change): unknown {
  const [key, ...rest] = path;
  if (key === undefined) throw doesNotApply();
  if (rest.length === 0) return change(document, key);
  return assign(edit(member(document, key), rest, change))(document, key);
}

function insert(value: unknown): Change {
  return (container, key) => {
    if (!Array.isArray(container)) return assign(value)(container, key);
    const index = key === "-" ? container.length : indexIn(container, key, container.length);
    return container.toSpliced(index, 0, value);
  };
}

function assign(value: unknown): Change {
  return (container, key) => {
    if (Array.isArray(container)) return container.with(indexIn(container, key), value);
    if (isMap(container)) return { ...container, [key]: value };
    throw doesNotApply();
  };
}

const remove: Change = (container, key) => {
  if (Array.isArray(container)) return container.toSpliced(indexIn(container, key), 1);
  if (!isMap(container) || !Object.hasOwn(container, key)) throw doesNotApply();
  return Object.fromEntries(Object.entries(container).filter(([name]) => name !== key));
};

function indexIn(list: readonly unknown[], key: string, last = list.length - 1): number {
  const index = /^\d+$/.test(key) ? Number(key) : -1;
  if (index < 0 || index > last) throw doesNotApply();
  return index;
}

function doesNotApply(): ApiFailure {
  return new ApiFailure(422, "Invalid", "the server rejected our request due to an error in our request");
}
