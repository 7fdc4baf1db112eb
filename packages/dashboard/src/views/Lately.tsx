import type { JSX } from "preact";

import { clockText } from "../state/format.ts";
import { useModel } from "../widgets/context.ts";

const shown = 12;

/** What was decided since the page is open. */
export function Lately(): JSX.Element {
  const { value: decisions } = useModel().decisions;
  return (
    <section class="panel" aria-labelledby="lately">
      <h2 id="lately">Decided lately</h2>
      {decisions.length === 0 ? <p class="muted">Nothing since this page is open.</p> : null}
      <ol class="decisions">
        {decisions.slice(0, shown).map(({ id, atMs, kind, namespace, name, verdict, reason }) => (
          <li key={id}>
            <time dateTime={new Date(atMs).toISOString()}>{clockText(atMs)}</time>
            <span>
              <Subject kind={kind} namespace={namespace} name={name} /> <span class="tag">{verdict}</span> {reason}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Subject(props: { readonly kind: string; readonly namespace: string; readonly name: string }): JSX.Element {
  const { kind, namespace, name } = props;
  const text = `${kind} ${namespace === "" ? "" : `${namespace}/`}${name}`;
  const href = placeOf(kind, namespace, name);
  return href === null ? <b>{text}</b> : <a href={href}>{text}</a>;
}

function placeOf(kind: string, namespace: string, name: string): string | null {
  const path = [namespace, name].map(encodeURIComponent).join("/");
  switch (kind) {
    case "Pod":
      return `#/cpu/pods/${path}`;
    case "Node":
      return `#/cpu/nodes/${encodeURIComponent(name)}`;
    case "Application":
      return `#/releases/${path}`;
    case "Intent":
      return `#/intents/${path}`;
    default:
      return null;
  }
}
