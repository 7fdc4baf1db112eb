import { type Clock, silentLogger, sleep, systemClock, systemRng } from "@walras/kit";
import { HttpTransport, type KubeTransport, loadEndpoint } from "@walras/kube";

import { keyOf } from "./argocd/catalogue.ts";
import { ArgoLink } from "./argocd/link.ts";
import { ApplicationWatch } from "./argocd/watch.ts";
import { ChangeAssessor } from "./observe/change/assessor.ts";
import { refOf } from "./config/named.ts";
import type { AppPolicy, Freeze, ReleaseConfig } from "./config/policy.ts";
import { decide } from "./decide/decide.ts";
import type { ReleaseDecision } from "./decide/decision.ts";
import type { ReleaseSnapshot } from "./decide/snapshot.ts";
import { UsageObserver } from "./observe/headroom/observer.ts";
import { usageSources } from "./observe/headroom/sources.ts";
import { observe } from "./observe/observe.ts";
import { freezeNote, readFreeze } from "./state/freezeNote.ts";
import { isForbidden } from "./state/notes.ts";
import { Waiting } from "./observe/waiting.ts";
import { adoptionOf } from "./act/adopt.ts";
import type { Release } from "./act/release.ts";
import { Tracks } from "./act/tracks.ts";

export interface LiveOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly kubeconfig: string | undefined;
  /** Where CARLA runs: freezes are there. */
  readonly namespace: string;
}

const stepMs = 100;
const syncWithinMs = 30_000;
const assessWithinMs = 60_000;

/**
 * What the next tick would decide, from live state, by somebody who has just
 * arrived: waits and failures of which only a running controller knows are not
 * known. Releases nothing.
 *
 * @throws ArgoError, or Error where Applications do not come in time
 */
export async function planLive(
  config: ReleaseConfig,
  { env, kubeconfig, namespace }: LiveOptions,
): Promise<ReleaseDecision> {
  const clock = systemClock;
  const around = { clock, rng: systemRng, logger: silentLogger };
  const monotonicMs = (): number => clock.monotonicMs();
  const argo = new ArgoLink({ policy: () => config.policy.argo, env, monotonicMs, onUnreadable: () => undefined });
  const watch = new ApplicationWatch({ ...around, reader: argo, observer: { restarted: () => undefined } });
  const assessor = new ChangeAssessor({ ...around, changes: argo });
  const transport = await transportFor(kubeconfig, monotonicMs);
  try {
    await argo.list(AbortSignal.timeout(syncWithinMs));
    watch.start();
    assessor.start();
    const usage = await usageNow(config, transport, clock);
    const freezes = transport ? await freezesNow(transport, namespace) : [];
    await until(() => watch.isCurrent(), syncWithinMs, clock);
    if (!watch.isCurrent()) throw new Error("Argo CD has not told of all its Applications in time");
    const snapshot = (): ReleaseSnapshot => snapshotOf(config, { watch, assessor, usage, freezes, clock });
    await until(() => [...snapshot().apps.values()].every(({ change }) => change !== null), assessWithinMs, clock);
    return decide(config, snapshot());
  } finally {
    await Promise.all([watch.stop(), assessor.stop()]);
    await Promise.all([argo.close(), transport?.close()]);
  }
}

/** Without a kubeconfig there is still Prometheus, perhaps. */
async function transportFor(
  kubeconfig: string | undefined,
  monotonicMs: () => number,
): Promise<HttpTransport | undefined> {
  if (kubeconfig === undefined) return undefined;
  const endpoint = await loadEndpoint(kubeconfig, monotonicMs);
  return new HttpTransport({ endpoint, userAgent: "walras-cli", monotonicMs });
}

async function usageNow(
  { policy }: ReleaseConfig,
  transport: KubeTransport | undefined,
  clock: Clock,
): Promise<ReleaseSnapshot["usage"]> {
  const sources = usageSources({ agents: undefined, transport, telemetry: policy.telemetry, clock });
  const observer = new UsageObserver({ sources, intervalMs: policy.tickMs, clock, logger: silentLogger });
  await observer.refresh();
  return observer.usage();
}

/** null: not known. Who may not look takes it that there are none, as CARLA does. */
async function freezesNow(transport: KubeTransport, namespace: string): Promise<readonly Freeze[] | null> {
  try {
    const text = await freezeNote(transport, namespace).read();
    return text === null ? [] : [readFreeze(text, namespace)];
  } catch (error) {
    return isForbidden(error) ? [] : null;
  }
}

function snapshotOf(
  config: ReleaseConfig,
  {
    watch,
    assessor,
    usage,
    freezes,
    clock,
  }: {
    readonly watch: ApplicationWatch;
    readonly assessor: ChangeAssessor;
    readonly usage: ReleaseSnapshot["usage"];
    readonly freezes: readonly Freeze[] | null;
    readonly clock: Clock;
  },
): ReleaseSnapshot {
  const releases = new Map(config.apps.flatMap((app) => underWay(app, config, watch)));
  const sources = {
    applications: watch,
    releases: { release: (app: string) => releases.get(app) },
    tracks: new Tracks(),
    waiting: new Waiting(),
    changes: assessor,
    usage: () => usage,
    override: () => null,
    unremembered: () => null,
    freezes: () => freezes,
  };
  return observe(config, sources, { nowMs: clock.wallMs(), lowHeadroomTicks: 0 });
}

/** Releases that a controller is following, as far as Argo CD bears witness. */
function underWay(app: AppPolicy, config: ReleaseConfig, watch: ApplicationWatch): [string, Release][] {
  const key = keyOf(refOf(app, config));
  const application = watch.get(key);
  if (!application) return [];
  const now = { wallMs: systemClock.wallMs(), monotonicMs: systemClock.monotonicMs() };
  const adoption = adoptionOf(key, application, config.policy.rollout, now);
  return adoption?.kind === "release" ? [[key, adoption.release]] : [];
}

async function until(isSo: () => boolean, withinMs: number, clock: Clock): Promise<void> {
  const endMs = clock.monotonicMs() + withinMs;
  while (!isSo() && clock.monotonicMs() < endMs) await sleep(clock, stepMs);
}
