import { errorAt, parseCpu } from "@walras/kit";

import type { NodeGroup, Scenario } from "./schema.ts";

/** The names of a group's nodes. */
export function nodeNames({ name, count }: NodeGroup): readonly string[] {
  return count === 1 ? [name] : Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);
}

/**
 * What a schema alone cannot say: names are unique, and what is named exists.
 *
 * @throws FieldError naming the origin, the path in it, and the value
 */
export function checkScenario(scenario: Scenario, origin: string): void {
  const nodes = scenario.nodes.flatMap(nodeNames);
  checkUnique(nodes, `${origin}.nodes`);
  checkUnique(
    scenario.pods.map(({ namespace, name }) => `${namespace}/${name}`),
    `${origin}.pods`,
  );
  for (const [index, group] of scenario.nodes.entries()) {
    const field = `${origin}.nodes.${index}.reserved`;
    if (parseCpu(group.reserved, field) >= group.cores * 1000) {
      throw errorAt(field, group.reserved, `leaves nothing of ${group.cores} cores`);
    }
  }
  for (const [index, { node }] of scenario.pods.entries()) checkNode(node, nodes, `${origin}.pods.${index}.node`);
  for (const [index, fault] of scenario.faults.entries()) {
    if ("node" in fault) checkNode(fault.node, nodes, `${origin}.faults.${index}.node`);
  }
}

function checkUnique(names: readonly string[], field: string): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw errorAt(field, twice, "is there twice");
}

function checkNode(node: string | undefined, nodes: readonly string[], field: string): void {
  if (node === undefined || nodes.includes(node)) return;
  throw errorAt(
    field,
    node,
    `is no node of the scenario (${nodes.slice(0, 5).join(", ")}${nodes.length > 5 ? ", …" : ""})`,
  );
}
