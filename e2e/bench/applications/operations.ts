import type { StoreItem } from "@walras/kube";

import type { LiveApplication } from "../../harness/argo.ts";
import { type Group, groupLabel } from "./fleet.ts";

/** One operation as Argo CD records it. It writes whole seconds, so that what began may have begun up to a second later. */
export interface Operation {
  readonly app: string;
  readonly group: Group;
  /** Wall milliseconds. */
  readonly startedMs: number;
  /** null: it has not ended. */
  readonly finishedMs: number | null;
  /** Running, Succeeded, Failed, Error or Terminating. */
  readonly phase: string;
}

/** An Application as far as is measured. */
export interface Followed extends StoreItem {
  readonly sync: string;
  /** The latest; null: there was none. */
  readonly operation: Operation | null;
}

/** @throws Error where Argo CD has written an operation without a time */
export function followed({ metadata, status }: LiveApplication): Followed {
  const { name, namespace, uid, labels } = metadata;
  const { startedAt, finishedAt, phase = "" } = status?.operationState ?? {};
  const operation =
    startedAt === undefined
      ? null
      : {
          app: name,
          group: (labels?.[groupLabel] ?? "") as Group,
          startedMs: instant(startedAt, name),
          finishedMs: finishedAt === undefined ? null : instant(finishedAt, name),
          phase,
        };
  return { uid, namespace, name, sync: status?.sync?.status ?? "", operation };
}

function instant(text: string, name: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new Error(`Application ${name}: ${text} is no time of an operation`);
  return ms;
}

/** Every operation that was heard of, each as it was last, and how many were seen to run together. */
export class OperationLog {
  readonly #operations = new Map<string, Operation>();
  readonly #running = new Map<string, Group>();
  readonly #most = new Map<Group, number>();

  /** In the order in which Argo CD wrote them down. */
  take({ name, operation }: Followed): void {
    if (operation === null) return;
    this.#operations.set(`${name} ${operation.startedMs}`, operation);
    if (operation.finishedMs !== null) this.#running.delete(name);
    else this.#running.set(name, operation.group);
    const now = [...this.#running.values()].filter((group) => group === operation.group).length;
    this.#most.set(operation.group, Math.max(now, this.mostRunning(operation.group)));
  }

  all(): readonly Operation[] {
    return [...this.#operations.values()];
  }

  /** The most of a group that had begun and not ended at any one moment. */
  mostRunning(group: Group): number {
    return this.#most.get(group) ?? 0;
  }
}

/**
 * The most operations of which each is known to have run while each other did.
 * Of times in whole seconds that is certain only where one began in an earlier
 * second than the other ended; so one that began and ended in the same second counts for none.
 */
export function mostOverlapping(operations: readonly Operation[]): number {
  const lasts = ({ startedMs, finishedMs }: Operation, atMs: number): boolean =>
    startedMs <= atMs && atMs < (finishedMs ?? Infinity);
  const counts = operations.map(({ startedMs }) => operations.filter((one) => lasts(one, startedMs)).length);
  return Math.max(0, ...counts);
}
