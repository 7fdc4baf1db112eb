import { type Scenario, scenarioSchema } from "@walras/sim";

/** One size of cluster, and how much of it moves. */
export interface ScaleOptions {
  readonly nodes: number;
  readonly podsPerNode: number;
  /** Of the pods, 0..1: the others use the same all the time. */
  readonly movingShare: number;
  /** The steps are spread over so long, once they begin. */
  readonly stepSeconds: number;
}

/** One in ten of those that move steps once, well over its limit; the others use more and less each second. */
const steppingShare = 0.1;

/** Pods spread evenly, whose names tell how they move. */
export function scaleScenario(options: ScaleOptions): Scenario {
  const { nodes, podsPerNode, movingShare } = options;
  const pods = nodes * podsPerNode;
  const moving = Math.round(pods * movingShare);
  const stepping = Math.round(moving * steppingShare);
  const nameOf = (index: number): string => {
    if (index < stepping) return `step-${stepAt(index / stepping, options)}-${index}`;
    return `${index < moving ? "noisy" : "still"}-${index}`;
  };
  return scenarioSchema.parse({
    name: "scale",
    nodes: [{ name: "node", count: nodes, cores: 8 }],
    pods: Array.from({ length: pods }, (_, index) => ({
      name: nameOf(index),
      node: nodes === 1 ? "node" : `node-${(index % nodes) + 1}`,
      labels: { "mbcas.io/managed": "true" },
      containers: [{ requests: { cpu: "60m" }, limits: { cpu: "100m" } }],
    })),
  });
}

function stepAt(share: number, { stepSeconds }: ScaleOptions): number {
  return Math.round(share * stepSeconds * 1000);
}

/** When a pod of this name steps, in milliseconds since the steps began; undefined: it does not. */
export function stepMsOf(pod: string): number | undefined {
  const [kind, atMs] = pod.split("-");
  return kind === "step" ? Number(atMs) : undefined;
}

/** What a pod would use, thousandths of a core: `elapsedMs` since the steps began, less than 0 before; `turn` 0..1, another each time. */
export type DemandOf = (elapsedMs: number, turn: number) => number;

export function demandOf(pod: string): DemandOf {
  const stepMs = stepMsOf(pod);
  if (stepMs !== undefined) return (elapsedMs) => (elapsedMs < stepMs ? 30 : 300);
  return pod.startsWith("noisy") ? (_, turn) => 48 + 24 * turn : () => 60;
}
