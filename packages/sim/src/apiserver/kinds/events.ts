import { asText, type KubeObject } from "../objects/model.ts";
import { type Cause, invalidValue, requiredField } from "../status.ts";

/** events.k8s.io/v1 field → v1 field; both kinds are views of one stored object. */
const coreNames: Readonly<Record<string, string>> = {
  regarding: "involvedObject",
  note: "message",
  reportingController: "reportingComponent",
  deprecatedSource: "source",
  deprecatedFirstTimestamp: "firstTimestamp",
  deprecatedLastTimestamp: "lastTimestamp",
  deprecatedCount: "count",
};
const newNames = Object.fromEntries(Object.entries(coreNames).map(([name, core]) => [core, name]));

const views = new WeakMap<KubeObject, KubeObject>();
const longestNote = 1024;

/** A stored v1 Event as events.k8s.io/v1 shows it. */
export function eventView(stored: KubeObject): KubeObject {
  const known = views.get(stored);
  if (known) return known;
  const view = renamed(stored, newNames, "events.k8s.io/v1");
  views.set(stored, view);
  return view;
}

/** An events.k8s.io/v1 Event in the stored form. */
export function eventStored(event: KubeObject): KubeObject {
  return renamed(event, coreNames, "v1");
}

function renamed(event: KubeObject, names: Readonly<Record<string, string>>, apiVersion: string): KubeObject {
  const { apiVersion: _old, kind, metadata, ...rest } = event;
  const fields = Object.entries(rest).map(([name, value]) => [names[name] ?? name, value]);
  return { apiVersion, kind, metadata, ...Object.fromEntries(fields) };
}

/** What events.k8s.io/v1 requires of a new event; given in the stored form. */
export function validateEvent(event: KubeObject, old: KubeObject | undefined): readonly Cause[] {
  if (old || event["eventTime"] === undefined || event["eventTime"] === null) return [];
  const required = ["reportingComponent", "reportingInstance", "action", "reason"].filter(
    (name) => !asText(event[name]),
  );
  const note = asText(event["message"]);
  const type = asText(event["type"]);
  return [
    ...required.map((name) => requiredField(newNames[name] ?? name)),
    ...(type === "Normal" || type === "Warning" ? [] : [invalidValue("type", type, "has invalid value: ")]),
    ...(note.length > longestNote ? [invalidValue("message", note, `can have at most ${longestNote} characters`)] : []),
  ];
}
