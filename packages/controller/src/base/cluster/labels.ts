import { interned } from "./interned.ts";

/** They tell one pod from another of its workload, so that nobody selects by them, and no two pods could share what has them. */
const ofOnePod = new Set([
  "pod-template-hash",
  "controller-revision-hash",
  "controller-uid",
  "job-name",
  "batch.kubernetes.io/controller-uid",
  "batch.kubernetes.io/job-name",
  "batch.kubernetes.io/job-completion-index",
  "apps.kubernetes.io/pod-index",
  "statefulset.kubernetes.io/pod-name",
]);

type Labels = Readonly<Record<string, string>>;

const none: Labels = {};
/** Beyond so many different ones all are forgotten: whoever holds one goes on holding it. */
const most = 20_000;
const known = new Map<string, Labels>();

/** A pod's labels as one object with those of its like: of ten thousand pods most have the same as another. */
export function sharedLabels(all: Labels | undefined): Labels {
  const entries = Object.entries(all ?? none).filter(([key]) => !ofOnePod.has(key));
  if (entries.length === 0) return none;
  const text = JSON.stringify(entries);
  const before = known.get(text);
  if (before) return before;
  if (known.size >= most) known.clear();
  const labels = Object.fromEntries(entries.map(([key, value]) => [interned(key), interned(value)]));
  known.set(text, labels);
  return labels;
}
