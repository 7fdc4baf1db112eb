import type { Refusal } from "./admission.ts";
import type { PodResources, PodView } from "./podView.ts";

/** The kubelet's events about resizes, with its words. */
export interface ResizeEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: "ResizeStarted" | "ResizeCompleted" | "ResizeDeferred" | "ResizeInfeasible";
  readonly message: string;
}

export function resizeStarted(view: PodView): ResizeEvent {
  return { type: "Normal", reason: "ResizeStarted", message: `Pod resize started: ${contentOf(view.resources, view)}` };
}

export function resizeCompleted(view: PodView, resources: PodResources): ResizeEvent {
  return { type: "Normal", reason: "ResizeCompleted", message: `Pod resize completed: ${contentOf(resources, view)}` };
}

export function resizeRefused(view: PodView, { reason, message }: Refusal): ResizeEvent {
  const why = /enough resource: (\w+)/.exec(message)?.[1];
  const text = `Pod resize ${why ? `OutOf${why}` : reason}: ${contentOf(view.resources, view, message)}`;
  return { type: "Warning", reason: `Resize${reason}`, message: text };
}

function contentOf(resources: PodResources, { generation }: PodView, error?: string): string {
  const containers = [...resources].map(([name, { limits, requests }]) => ({ name, resources: { limits, requests } }));
  return JSON.stringify({ containers, generation, ...(error === undefined ? {} : { error }) });
}
