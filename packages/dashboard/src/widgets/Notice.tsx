import type { ComponentChildren, JSX } from "preact";

import type { Asked } from "../state/polling.ts";

/** What stands where there is nothing to show, and why. */
export function Notice(props: {
  readonly title: string;
  readonly failed?: boolean;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <section class={props.failed ? "notice failed" : "notice"} role={props.failed ? "alert" : "status"}>
      <h2>{props.title}</h2>
      {props.children}
    </section>
  );
}

/** What was asked for, or why it is not there. */
export function Answer<T>(props: {
  readonly asked: Asked<T>;
  readonly what: string;
  readonly children: (data: T) => ComponentChildren;
}): JSX.Element {
  const { asked, what } = props;
  if (asked.state === "loading") return <Notice title={`Asking for ${what} …`} />;
  if (asked.state === "failed") return <Failed status={asked.status} what={what} why={asked.why} />;
  return (
    <>
      {asked.trouble === null ? null : (
        <p class="warn" role="status">
          This is not refreshed: {asked.trouble}.
        </p>
      )}
      {props.children(asked.data)}
    </>
  );
}

function Failed({
  status,
  what,
  why,
}: {
  readonly status: number;
  readonly what: string;
  readonly why: string;
}): JSX.Element {
  const title = status === 404 ? `There is no such thing: ${what}` : `${what} could not be asked for`;
  return (
    <Notice title={title} failed>
      <p>{why}</p>
      <p class="muted">{status === 0 ? "It is tried again by itself." : `The controller answered ${status}.`}</p>
    </Notice>
  );
}

/** A part that the controller does not run has nothing to show. */
export function NoPart({ part, what }: { readonly part: string; readonly what: string }): JSX.Element {
  return (
    <Notice title={`${what}: nothing here`}>
      <p>
        The part <code>{part}</code> does not run in this controller. <code>--parts</code> says which do.
      </p>
    </Notice>
  );
}
