import { expect, it } from "vitest";

import { type JournalEntry, MemoryJournal } from "./journal.ts";
import { keyedJournal } from "./keyedJournal.ts";

const at = "2026-03-28T20:00:00.000Z";
const condemned = (app: string): JournalEntry => ({ event: "condemned", at, app, id: "1", revision: "r2" });
const succeeded = (app: string): JournalEntry => ({
  event: "succeeded",
  at,
  app,
  id: "1",
  revisions: ["r1"],
  seconds: 1,
  rollback: false,
  outOfSync: false,
  prune: false,
});
const withdrawn = (app: string): JournalEntry => ({
  event: "withdrawn",
  at,
  app,
  id: "2",
  revisions: ["r2"],
  reason: "frozen",
  message: "Operation terminated",
});
const keysOf = (name: string): string[] => (name === "web" ? ["a/web", "b/web"] : [`argocd/${name}`]);

it("R8: the journal tells applications apart by namespace, and keeps their names in its lines", async () => {
  const lines = new MemoryJournal();
  const journal = keyedJournal(lines, keysOf);
  await journal.append(condemned("a/web"));
  await journal.append(succeeded("b/web"));
  await journal.append(withdrawn("b/web"));
  expect(lines.entries).toEqual([
    { ...condemned("web"), namespace: "a" },
    { ...succeeded("web"), namespace: "b" },
    { ...withdrawn("web"), namespace: "b" },
  ]);
  expect(await journal.read()).toEqual([condemned("a/web"), succeeded("b/web"), withdrawn("b/web")]);
});

it("R8: a line of before holds a failure against all of its name, and believes a success of the only one", async () => {
  const lines = new MemoryJournal();
  lines.entries.push(condemned("web"), succeeded("web"), succeeded("base"));
  expect(await keyedJournal(lines, keysOf).read()).toEqual([
    condemned("a/web"),
    condemned("b/web"),
    succeeded("argocd/base"),
  ]);
});
