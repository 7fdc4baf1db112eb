/** How many nodes lack what, as kube-scheduler says it. */
export function describeLacks(lacks: Iterable<string>, nodes: number): string {
  const counts = new Map<string, number>();
  for (const lack of lacks) counts.set(lack, (counts.get(lack) ?? 0) + 1);
  const parts = [...counts].map(([lack, count]) => `${count} ${lack}`).toSorted();
  return `0/${nodes} nodes are available${parts.length === 0 ? "" : `: ${parts.join(", ")}`}.`;
}
