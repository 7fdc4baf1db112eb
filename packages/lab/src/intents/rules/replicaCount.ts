/** One pod, as the horizontal autoscaler sees it. */
export interface HpaPod {
  readonly requestMilli: number;
  /** null: metrics-server tells nothing of it. */
  readonly usedMilli: number | null;
  /** It is not ready, or its metrics are older than its readiness. */
  readonly unready: boolean;
}

const tolerance = 0.1;

/**
 * How many replicas Kubernetes' horizontal autoscaler wants for a target of CPU
 * utilisation, before its behaviour is applied: GetResourceReplicas of
 * kubernetes/pkg/controller/podautoscaler/replica_calculator.go. Pods without
 * metrics are taken to use what is asked of them when replicas are taken, and
 * nothing when replicas are added; pods that are not ready nothing.
 *
 * @param targetPercent of the request
 * @param replicas there are now
 */
export function wantedReplicas(pods: readonly HpaPod[], targetPercent: number, replicas: number): number {
  const known = pods.filter(({ usedMilli, unready }) => usedMilli !== null && !unready);
  if (known.length === 0) return replicas;
  const missing = pods.filter(({ usedMilli, unready }) => usedMilli === null && !unready);
  const unready = pods.filter((pod) => pod.unready);
  const ratio = ratioOf(known, targetPercent);
  const isRebalanced = unready.length > 0 && ratio > 1;
  if (!isRebalanced && missing.length === 0)
    return Math.abs(1 - ratio) <= tolerance ? replicas : Math.ceil(ratio * known.length);
  const share = ratio < 1 ? Math.max(100, targetPercent) / 100 : 0;
  const filled = missing.map((pod) => ({ ...pod, usedMilli: pod.requestMilli * share }));
  const idle = isRebalanced ? unready.map((pod) => ({ ...pod, usedMilli: 0 })) : [];
  const all = [...known, ...filled, ...idle];
  return rebalanced(all.length, { ratio, newRatio: ratioOf(all, targetPercent), replicas });
}

/** What would go the other way than what is known is not done. */
function rebalanced(
  count: number,
  { ratio, newRatio, replicas }: { readonly ratio: number; readonly newRatio: number; readonly replicas: number },
): number {
  if (Math.abs(1 - newRatio) <= tolerance || ratio < 1 !== newRatio < 1) return replicas;
  const wanted = Math.ceil(newRatio * count);
  const isOtherWay = newRatio < 1 ? wanted > replicas : wanted < replicas;
  return isOtherWay ? replicas : wanted;
}

/** Utilisation is in whole percent, rounded down. */
function ratioOf(pods: readonly HpaPod[], targetPercent: number): number {
  const used = pods.reduce((sum, { usedMilli }) => sum + Math.round(usedMilli ?? 0), 0);
  const requested = pods.reduce((sum, { requestMilli }) => sum + requestMilli, 0);
  return Math.trunc((used * 100) / requested) / targetPercent;
}
