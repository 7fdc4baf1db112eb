import { FieldError } from "@walras/kit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { decodeApplication, decodeList, decodeManagedResources } from "./decode.ts";
import { healthStatuses, syncStatuses } from "../decide/snapshot.ts";

const operationState = {
  phase: "Succeeded",
  startedAt: "2026-03-24T22:00:01Z",
  finishedAt: "2026-03-24T22:00:03Z",
  message: "successfully synced (all tasks run)",
  operation: {
    info: [
      { name: "Reason", value: "by hand" },
      { name: "walras-release", value: "r-1" },
    ],
    initiatedBy: { username: "carla" },
    sync: { revision: "aaa" },
  },
  syncResult: { revision: "aaa" },
};

const unheard = (error: unknown): never => expect.fail(String(error));

function metallb(status: object, spec: object = { project: "clinic", source: { targetRevision: "main" } }): object {
  return { metadata: { name: "metallb", namespace: "argocd", uid: "u", resourceVersion: "7" }, spec, status };
}

describe("an Application of Argo CD", () => {
  it("is trimmed to what decisions need", () => {
    const status = {
      sync: { status: "OutOfSync", revision: "bbb" },
      health: { status: "Healthy" },
      reconciledAt: "2026-03-24T22:00:05Z",
      operationState,
      history: [1, 2, 3, 4].map((id) => ({ id, revision: `old${id}`, source: {} })),
    };
    const application = decodeApplication(metallb(status), "elsewhere");
    expect(application).toEqual({
      namespace: "argocd",
      name: "metallb",
      uid: "u",
      resourceVersion: "7",
      project: "clinic",
      sync: "OutOfSync",
      health: "Healthy",
      revisions: ["bbb"],
      targetRevisions: ["main"],
      multiSource: false,
      autoSync: false,
      deleting: false,
      operationRequested: false,
      operation: {
        phase: "Succeeded",
        startedAtMs: Date.UTC(2026, 2, 24, 22, 0, 1),
        finishedAtMs: Date.UTC(2026, 2, 24, 22, 0, 3),
        message: "successfully synced (all tasks run)",
        revisions: ["aaa"],
        releaseId: "r-1",
        username: "carla",
        prune: false,
      },
      reconciledAtMs: Date.UTC(2026, 2, 24, 22, 0, 5),
      annotations: {},
      labels: {},
      clusters: [],
      parent: null,
      history: [2, 3, 4].map((id) => ({ id, revisions: [`old${id}`] })),
    });
  });

  it("is Unknown before Argo CD has looked at it, and in the namespace of those that tell none", () => {
    const fresh = decodeApplication(
      { metadata: { name: "new" }, status: { sync: { status: "" }, health: {} } },
      "argo",
    );
    expect(fresh).toMatchObject({
      namespace: "argo",
      sync: "Unknown",
      health: "Unknown",
      revisions: [],
      operation: null,
      reconciledAtMs: null,
    });
  });

  it("has one revision for each of several sources", () => {
    const sync = { status: "Synced", revision: "", revisions: ["a", "b"] };
    const sources = [{ targetRevision: "main" }, { chart: "redis" }];
    expect(decodeApplication(metallb({ sync }, { project: "p", sources }), "argocd")).toMatchObject({
      multiSource: true,
      revisions: ["a", "b"],
      targetRevisions: ["main", ""],
    });
  });

  it.each([
    [{ automated: {} }, true],
    [{ automated: { enabled: true, prune: true } }, true],
    [{ automated: { enabled: false } }, false],
    [{ automated: null }, false],
    [null, false],
  ])("with the sync policy %j syncs by itself: %s", (syncPolicy, autoSync) => {
    expect(decodeApplication(metallb({}, { project: "p", syncPolicy }), "argocd").autoSync).toBe(autoSync);
  });

  it("tells an operation that was asked for, its deletion, and our annotations only", () => {
    const annotations = { "carla.ops/approved-by": "dr-ionescu", "other.example.org/note": "no" };
    const metadata = { name: "a", deletionTimestamp: "2026-03-24T22:00:00Z", annotations };
    expect(decodeApplication({ metadata, operation: { sync: {} } }, "argocd")).toMatchObject({
      deleting: true,
      operationRequested: true,
      annotations: { "carla.ops/approved-by": "dr-ionescu" },
    });
  });

  it.each([
    [{ sync: { status: "Foo" } }, 'argocd/metallb.status.sync.status: "Foo"'],
    [{ health: { status: "Refreshing" } }, 'argocd/metallb.status.health.status: "Refreshing"'],
    [{ reconciledAt: "yesterday" }, 'argocd/metallb.status.reconciledAt: "yesterday"'],
    [{ operationState: { ...operationState, phase: 3 } }, "argocd/metallb.status.operationState.phase: 3"],
    [{ history: [{ id: "x" }] }, 'argocd/metallb.status.history.0.id: "x"'],
  ])("is refused with the field and the value: %j", (status, complaint) => {
    expect(() => decodeApplication(metallb(status), "argocd")).toThrow(complaint);
    expect(() => decodeApplication(metallb(status), "argocd")).toThrow(FieldError);
  });

  it("is read or refused by field, whatever Argo CD sends", () => {
    const known = fc.constantFrom("Synced", "OutOfSync", "Healthy", "Running", "2026-03-24T22:00:01Z", "", "x");
    const some = fc.oneof(known, fc.jsonValue());
    const field = (keys: readonly string[]): fc.Arbitrary<object> =>
      fc.record(Object.fromEntries(keys.map((key) => [key, some])), { requiredKeys: [] });
    const objects = fc.record({
      metadata: fc.oneof(field(["name", "namespace", "uid", "annotations"]), some),
      spec: fc.oneof(field(["project", "source", "sources", "syncPolicy"]), some),
      status: fc.oneof(
        fc.record({ sync: field(["status", "revision", "revisions"]), health: field(["status"]), history: some }),
        some,
      ),
    });
    fc.assert(
      fc.property(fc.oneof(objects, fc.jsonValue()), (input) => {
        try {
          const { name, sync, health } = decodeApplication(input, "argocd");
          expect(name).not.toBe("");
          expect(syncStatuses).toContain(sync);
          expect(healthStatuses).toContain(health);
        } catch (error) {
          expect(error).toBeInstanceOf(FieldError);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("a list of Applications", () => {
  it("tells of each what it is, and of those it cannot read that they are there", () => {
    const complaints: string[] = [];
    const items = [
      { metadata: { name: "a", namespace: "argocd" }, status: { sync: { status: "Synced" }, operationState: {} } },
      { metadata: { name: "b", namespace: "argocd" }, status: { sync: { status: "Foo" } } },
      { metadata: {} },
      null,
      { metadata: { name: "c" }, status: { operationState: { phase: "Running" } } },
    ];
    const list = decodeList({ items }, "home", (error) => complaints.push(String(error)));
    expect(list).toEqual([
      { namespace: "argocd", name: "a", sync: "Synced", health: "Unknown", phase: null },
      { namespace: "argocd", name: "b", sync: "Unknown", health: "Unknown", phase: null },
      { namespace: "home", name: "c", sync: "Unknown", health: "Unknown", phase: "Running" },
    ]);
    expect(complaints).toHaveLength(3);
    expect(complaints[0]).toContain('argocd/b.status.sync.status: "Foo"');
  });

  it("may be empty, and must be a list", () => {
    expect(decodeList({ items: null }, "argocd", unheard)).toEqual([]);
    expect(() => decodeList({ items: 3 }, "argocd", unheard)).toThrow("answer.items: 3");
  });
});

describe("what a sync would change", () => {
  it("is read from JSON within JSON; what is absent is null, and hooks are left out", () => {
    const items = [
      { kind: "ConfigMap", namespace: "n", name: "a", normalizedLiveState: "null", predictedLiveState: '{"data":{}}' },
      { kind: "Job", namespace: "n", name: "hook", hook: true, normalizedLiveState: "{", predictedLiveState: "" },
    ];
    expect(decodeManagedResources({ items })).toEqual([
      { group: "", kind: "ConfigMap", namespace: "n", name: "a", live: null, predicted: { data: {} } },
    ]);
  });

  it("is refused with the object and the text where it is no JSON", () => {
    const items = [{ kind: "ConfigMap", namespace: "n", name: "a", predictedLiveState: "{" }];
    expect(() => decodeManagedResources({ items })).toThrow('ConfigMap n/a.predictedLiveState: "{" is not JSON');
  });
});
