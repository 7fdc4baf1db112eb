/**
 * How much memory a stored pod takes: run with `node --expose-gc`. Pods come
 * as JSON, as from a watch, so that nothing of the whole object may be kept
 * alive by what is trimmed from it.
 */
import { Store, type StoreItem } from "../src/index.ts";

const count = 100_000;
const goalBytes = 400;

interface TrimmedPod extends StoreItem {
  readonly node: string;
  readonly phase: string;
  readonly generation: number;
  readonly requestMilli: number;
  readonly limitMilli: number;
}

/** About 7 kB, as pods are. */
function podJson(index: number): string {
  const hex = index.toString(16).padStart(12, "0");
  return JSON.stringify({
    metadata: {
      uid: `3f2a91c4-7d10-4e5b-9a66-${hex}`,
      namespace: `team-${index % 200}`,
      name: `service-${index % 3000}-7c9d8b6f5-${hex.slice(-5)}`,
      generation: 1,
      annotations: { padding: "x".repeat(6000) },
    },
    spec: { nodeName: `node-${Math.floor(index / 30)}` },
    status: { phase: "Running" },
  });
}

function trim(raw: unknown): TrimmedPod {
  const { metadata, spec, status } = raw as {
    metadata: { uid: string; namespace: string; name: string; generation: number };
    spec: { nodeName: string };
    status: { phase: string };
  };
  const { uid, namespace, name, generation } = metadata;
  const { nodeName: node } = spec;
  return { uid, namespace, name, node, phase: status.phase, generation, requestMilli: 100, limitMilli: 200 };
}

function heapBytes(): number {
  if (!globalThis.gc) throw new Error("run with node --expose-gc");
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

const store = new Store<TrimmedPod>(({ node }) => node);
const beforeBytes = heapBytes();
for (let index = 0; index < count; index += 1) store.put(trim(JSON.parse(podJson(index))));
const perPod = (heapBytes() - beforeBytes) / store.size;
console.log(`${store.size} pods, ${perPod.toFixed(0)} bytes a pod (goal ${goalBytes})`);
if (perPod > goalBytes) process.exitCode = 1;
