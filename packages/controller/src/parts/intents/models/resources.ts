/** One resource of one container. */
interface Resource {
  readonly container: number;
  readonly name: string;
  readonly milli: number;
}

/** `<container>_<resource>_<requests|limits>`, as the knowledge base names them. */
const resourceKey = /^(\d+)_(.+)_(requests|limits)$/;

/** The greater of request and limit of each resource of each container. */
export function resourcesOf(resources: ReadonlyMap<string, number>): Resource[] {
  const found = new Map<string, Resource>();
  for (const [key, milli] of resources) {
    const [, container = "", name = ""] = resourceKey.exec(key) ?? [];
    if (name === "") continue;
    const place = `${container} ${name}`;
    found.set(place, { container: Number(container), name, milli: Math.max(milli, found.get(place)?.milli ?? 0) });
  }
  return [...found.values()];
}

/** CPU of a pod, millicores: of its last container, which is the one that is sized, and of all; 0: none is declared. */
export function cpuOf(resources: ReadonlyMap<string, number>): {
  readonly cpuMilli: number;
  readonly podMilli: number;
} {
  const cpu = resourcesOf(resources).filter(({ name }) => name === "cpu");
  const last = cpu.toSorted((one, other) => other.container - one.container)[0];
  return { cpuMilli: last?.milli ?? 0, podMilli: cpu.reduce((sum, { milli }) => sum + milli, 0) };
}
