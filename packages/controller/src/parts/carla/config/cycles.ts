/**
 * The cycles of a directed graph, each told once, from the first of its nodes
 * in the order given and back to it: a → b → a. A depth-first walk finds at
 * least one in every tangle, not every one there is.
 */
export function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const done = new Set<string>();
  const cycles: string[][] = [];
  for (const start of graph.keys()) walk({ graph, done, cycles }, start);
  return cycles;
}

interface Walk {
  readonly graph: ReadonlyMap<string, readonly string[]>;
  readonly done: Set<string>;
  readonly cycles: string[][];
}

/** With a stack of its own: a chain of ten thousand must not exhaust the machine's. */
function walk({ graph, done, cycles }: Walk, start: string): void {
  if (done.has(start)) return;
  const trail = new Map<string, number>([[start, 0]]);
  const path = [{ node: start, rest: [...(graph.get(start) ?? [])] }];
  for (let top = path.at(-1); top; top = path.at(-1)) {
    const next = top.rest.shift();
    if (next === undefined) {
      path.pop();
      trail.delete(top.node);
      done.add(top.node);
      continue;
    }
    const seenAt = trail.get(next);
    if (seenAt !== undefined) cycles.push([...path.slice(seenAt).map(({ node }) => node), next]);
    if (seenAt !== undefined || done.has(next)) continue;
    trail.set(next, path.length);
    path.push({ node: next, rest: [...(graph.get(next) ?? [])] });
  }
}
