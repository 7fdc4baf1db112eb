import type { Millicores } from "@walras/kit";

/** The CFS period in microseconds, as it stands in cpu.max. */
export const periodUsec = 100_000;

const minShares = 2;
const maxShares = 262_144;
const sharesPerCore = 1024;
const minQuotaUsec = 1000;
/** systemd keeps quotas in whole per cents of a CPU: 10 ms per second. */
const systemdStepUsec = 1000;

/** cpu.shares for a request (MilliCPUToShares of the kubelet). */
export function sharesOf(requestMilli: Millicores): number {
  if (requestMilli === 0) return minShares;
  return Math.min(maxShares, Math.max(minShares, Math.trunc((requestMilli * sharesPerCore) / 1000)));
}

/**
 * cpu.weight for cpu.shares: 10^((l² + 125 l) / 612 − 7/34) with l = log2(shares),
 * rounded up (opencontainers/cgroups, ConvertCPUSharesToCgroupV2Value): 1024 → 100.
 */
export function weightOf(shares: number): number {
  if (shares <= minShares) return 1;
  if (shares >= maxShares) return 10_000;
  const level = Math.log2(shares);
  return Math.ceil(10 ** ((level * level + 125 * level) / 612 - 7 / 34));
}

/**
 * The quota in microseconds a period for a limit; null without one. At least
 * 1 ms (MilliCPUToQuota of the kubelet); the systemd driver rounds up to 10 m.
 */
export function quotaUsecOf(limitMilli: Millicores | null, driver: "systemd" | "cgroupfs"): number | null {
  if (limitMilli === null || limitMilli === 0) return null;
  const quota = Math.max(minQuotaUsec, Math.trunc((limitMilli * periodUsec) / 1000));
  return driver === "systemd" ? Math.ceil(quota / systemdStepUsec) * systemdStepUsec : quota;
}
