import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ArgoClient } from "../client.ts";
import { type ApplicationEvent, type ApplicationState, ArgoError, type ArgoFailure } from "../port.ts";

/** An Argo CD with four Applications that are out of sync, each a ConfigMap or so. */
export interface ContractTarget {
  readonly url: string;
  readonly token: string;
  /** Of all four. */
  readonly project: string;
  /** Where `elsewhere` is; the others are in argocd. */
  readonly namespace: string;
  /** Names: syncs well; has two sources; fails to sync; waits in its sync for what never comes. */
  readonly names: { readonly good: string; readonly multi: string; readonly broken: string; readonly stuck: string };
  /** Something changes in what `good` is to be; answers the new revision, compared already. */
  push(): Promise<string>;
  /** Opens or closes a window of the project in which nobody may sync; done when Argo CD knows. */
  deny(denied: boolean): Promise<void>;
  dispose(): Promise<void>;
}

const withinMs = 20_000;

/** What releases depend on, of the real Argo CD and of the fake. */
export function argoContract(title: string, open: () => Promise<ContractTarget>): void {
  describe(`Argo CD's API, ${title}`, () => {
    let target: ContractTarget;
    let client: ArgoClient;
    const never = new AbortController().signal;

    beforeAll(async () => {
      target = await open();
      client = clientOf(target, target.token);
    });
    afterAll(async () => {
      await client?.close();
      await target?.dispose();
    });

    const ref = (name: keyof ContractTarget["names"]): { namespace: string; name: string } => ({
      namespace: name === "multi" ? target.namespace : "argocd",
      name: target.names[name],
    });
    const get = (name: keyof ContractTarget["names"]): Promise<ApplicationState> =>
      client.get(ref(name), target.project, never);
    const sync = (
      name: keyof ContractTarget["names"],
      releaseId: string,
      revisions: readonly string[],
    ): Promise<void> =>
      client.sync({ ...ref(name), project: target.project, releaseId, revisions, prune: false }, never);

    async function operated(name: keyof ContractTarget["names"], releaseId: string): Promise<ApplicationState> {
      return eventually(
        () => get(name),
        ({ operation }) => operation?.releaseId === releaseId && operation.finishedAtMs !== null,
      );
    }

    it("lists all Applications, of every namespace", async () => {
      const list = await client.list(never);
      for (const name of ["good", "multi", "broken", "stuck"] as const) {
        expect(list).toContainEqual(expect.objectContaining({ ...ref(name), sync: "OutOfSync" }));
      }
    });

    it("tells one Application with what is pending, one revision for each source", async () => {
      const [good, multi] = [await get("good"), await get("multi")];
      expect(good).toMatchObject({
        ...ref("good"),
        project: target.project,
        sync: "OutOfSync",
        multiSource: false,
        operation: null,
      });
      expect(good.revisions).toHaveLength(1);
      expect(multi).toMatchObject({ multiSource: true });
      expect(multi.revisions).toHaveLength(2);
      expect(good.uid).not.toBe("");
    });

    it("tells what a sync would change", async () => {
      const resources = await client.managedResources(ref("good"), target.project, never);
      expect(resources.length).toBeGreaterThan(0);
      expect(resources.some(({ live, predicted }) => JSON.stringify(live) !== JSON.stringify(predicted))).toBe(true);
      expect(resources[0]).toMatchObject({ kind: "ConfigMap" });
    });

    it("streams every Application first, then each change", async () => {
      const abort = new AbortController();
      const events: ApplicationEvent[] = [];
      const following = (async () => {
        for await (const event of client.stream(abort.signal)) events.push(event);
      })().catch((error: unknown) => expect(error).toBeInstanceOf(ArgoError));
      const heard = (): Set<string> => new Set(events.map(({ application }) => application.name));
      await eventually(
        () => Promise.resolve(heard()),
        (names) => Object.values(target.names).every((name) => names.has(name)),
      );
      const seen = events.length;
      await client.refresh(ref("good"), target.project, never);
      await eventually(
        () => Promise.resolve(events.slice(seen)),
        (later) => later.some(({ application }) => application.name === target.names.good),
      );
      expect(events[0]).toMatchObject({ type: "present" });
      abort.abort();
      await following;
    });

    it("syncs to a revision and keeps the release's mark; a second sync meanwhile is refused", async () => {
      const { revisions } = await get("good");
      await sync("good", "contract-1", revisions);
      expect(await failureOf(sync("good", "contract-2", revisions))).toBe("operationInProgress");
      const done = await operated("good", "contract-1");
      expect(done.operation).toMatchObject({ phase: "Succeeded", revisions, releaseId: "contract-1" });
      const compared = await client.refresh(ref("good"), target.project, never);
      const after = await eventually(
        () => client.refresh(ref("good"), target.project, never),
        ({ reconciledAtMs }) => (reconciledAtMs ?? 0) > (done.operation?.finishedAtMs ?? Infinity),
      );
      expect(after).toMatchObject({ sync: "Synced", health: "Healthy", revisions });
      expect(after.history.at(-1)?.revisions).toEqual(revisions);
      expect(compared.uid).toBe(done.uid);
    });

    it("syncs all sources of an Application, in a namespace of its own", async () => {
      const { revisions } = await get("multi");
      await sync("multi", "contract-3", revisions);
      expect((await operated("multi", "contract-3")).operation).toMatchObject({ phase: "Succeeded", revisions });
    });

    it("tells of a sync that failed, and why", async () => {
      const { revisions } = await get("broken");
      await sync("broken", "contract-4", revisions);
      const { operation, sync: status } = await operated("broken", "contract-4");
      expect([operation?.phase, status]).toEqual(["Failed", "OutOfSync"]);
      expect(operation?.message).not.toBe("");
    });

    it("ends a sync that it is told to end", async () => {
      const { revisions } = await get("stuck");
      await sync("stuck", "contract-6", revisions);
      await eventually(
        () => get("stuck"),
        ({ operation }) => operation?.phase === "Running",
      );
      // Argo CD's controller and its server write the same object, and the server gives up soon.
      const terminate = (): Promise<string> => failureOf(client.terminate(ref("stuck"), target.project, never));
      expect(await eventually(terminate, (failure) => failure !== "unreachable")).toBe("none");
      const { operation, sync: status } = await operated("stuck", "contract-6");
      expect([operation?.phase, status]).toEqual(["Failed", "OutOfSync"]);
      expect(operation?.message).toMatch(/terminated/i);
    });

    it("refuses a sync while a window of the project denies it, and begins nothing", async () => {
      const { revisions } = await get("broken");
      await target.deny(true);
      expect(await failureOf(sync("broken", "contract-7", revisions))).toBe("blockedBySyncWindow");
      await target.deny(false);
      expect((await get("broken")).operation?.releaseId).toBe("contract-4");
    });

    it("is out of sync again when something else is wanted, and has the release before in its history", async () => {
      const before = (await get("good")).revisions;
      const revision = await target.push();
      const pending = await eventually(
        () => get("good"),
        (application) => application.sync === "OutOfSync",
      );
      expect(pending.revisions).toEqual([revision]);
      expect(pending.history.at(-1)?.revisions).toEqual(before);
      await sync("good", "contract-5", before);
      expect((await operated("good", "contract-5")).operation).toMatchObject({ phase: "Succeeded", revisions: before });
    });

    it("refuses in ways that can be told apart", async () => {
      const nobody = { namespace: "argocd", name: "walras-no-such-application" };
      expect(await failureOf(client.get(nobody, target.project, never))).toBe("notFound");
      expect(await failureOf(client.get(nobody, "", never))).toBe("forbidden");
      expect(await failureOf(client.get(ref("good"), "walras-no-such-project", never))).toBe("notFound");
      expect(await failureOf(client.terminate(ref("good"), target.project, never))).toBe("noOperation");
      const stranger = clientOf(target, "wrong");
      expect(await failureOf(stranger.list(never))).toBe("unauthorized");
      await stranger.close();
    });
  });
}

function clientOf({ url }: ContractTarget, token: string): ArgoClient {
  return new ArgoClient({
    baseUrl: url,
    token: () => token,
    onUnauthorized: () => undefined,
    verifyTls: true,
    caPem: undefined,
    appNamespace: "argocd",
    onUnreadable: (error) => expect.fail(String(error)),
  });
}

async function failureOf(attempt: Promise<unknown>): Promise<ArgoFailure | "none"> {
  try {
    await attempt;
    return "none";
  } catch (error) {
    if (error instanceof ArgoError) return error.failure;
    throw error;
  }
}

async function eventually<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (performance.now() > untilMs) throw new Error(`still ${JSON.stringify(answer).slice(0, 600)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
