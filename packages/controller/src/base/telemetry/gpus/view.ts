import type { Clock } from "@walras/kit";

import type { KnownGpu, KnownGpus } from "./known.ts";
import type { GpusReading } from "../ledger/gpuReading.ts";
import type { Ledger } from "../ledger/ledger.ts";

/** /gpus: what agents said of the GPUs of their nodes, and who has them. */
interface GpusView {
  readonly nodes: readonly NodeGpusView[];
}

interface NodeGpusView extends Pick<GpusReading, "source" | "trouble" | "holdersTrouble" | "offersTrouble"> {
  readonly node: string;
  readonly ageMs: number;
  readonly gpus: readonly KnownGpu[];
}

/** Nodes whose agents tell of GPUs, though there be none. */
export function gpusView(ledger: Pick<Ledger, "nodes" | "gpus">, known: KnownGpus, clock: Clock): GpusView {
  const nowMs = clock.monotonicMs();
  const nodes = [...ledger.nodes()].toSorted().flatMap((node): NodeGpusView[] => {
    const reading = ledger.gpus(node);
    if (reading === null) return [];
    const { source, trouble, holdersTrouble, offersTrouble } = reading;
    const ageMs = Math.round(nowMs - reading.atMs);
    return [{ node, ageMs, source, trouble, holdersTrouble, offersTrouble, gpus: known.of(node)?.gpus ?? [] }];
  });
  return { nodes };
}
