import type { DashboardPod, PodDecision } from "@walras/api";
import type { JSX } from "preact";
import { useLayoutEffect } from "preact/hooks";

import { clockText, cpuText, numberText, orUnknown, spanText } from "../state/format.ts";
import { formatRoute } from "../state/route.ts";
import { changeText } from "../state/timeline.ts";
import { useModel } from "../widgets/context.ts";
import { Explained } from "../widgets/Explained.tsx";
import { Fact } from "../widgets/Fact.tsx";
import { Answer, Notice } from "../widgets/Notice.tsx";
import { useAsked } from "../widgets/useAsked.ts";
import { useList, useMatching } from "../widgets/useList.ts";
import { Yaml } from "../widgets/Yaml.tsx";

import { Containers } from "./Containers.tsx";
import { TimeLine } from "./TimeLine.tsx";

const refreshMs = 5_000;

/** A pod's time line, with every decision about it. */
export function Pod({ namespace, pod }: { readonly namespace: string; readonly pod: string }): JSX.Element {
  const path = [namespace, pod].map(encodeURIComponent).join("/");
  const asked = useAsked<DashboardPod>(`pods/${path}`, refreshMs);
  const node = asked.value.state === "ready" ? asked.value.data.node : null;
  return (
    <>
      <Crumbs node={node} name={`${namespace}/${pod}`} />
      <Answer asked={asked.value} what={`pod ${namespace}/${pod}`}>
        {(data) => <Told data={data} />}
      </Answer>
    </>
  );
}

function Crumbs({ node, name }: { readonly node: string | null; readonly name: string }): JSX.Element {
  return (
    <ul class="crumbs">
      <li>
        <a href="#/cpu">Nodes</a>
      </li>
      {node === null ? null : (
        <li>
          <a href={formatRoute({ at: "node", node })}>{node}</a>
        </li>
      )}
      <li>
        <h1>{name}</h1>
      </li>
    </ul>
  );
}

function Told({ data }: { readonly data: DashboardPod }): JSX.Element {
  const model = useModel();
  useLayoutEffect(() => {
    model.nodeOfPod.value = data.node;
  }, [model, data.node]);
  const decisions = useMatching(data.decisions.toReversed(), ({ cause, reason, part }) => `${cause} ${reason} ${part}`);
  const cursor = useList({
    name: `decisions-of-${data.uid}`,
    keys: decisions.map(({ id }) => String(id)),
    open: () => {},
  });
  return (
    <>
      <PodFacts data={data} />
      <TimeLine data={data} markedId={decisions[cursor.index]?.id ?? null} />
      <div class="columns">
        <section class="panel" aria-labelledby="decided">
          <h2 id="decided">Every decision, newest first</h2>
          {data.decisions.length === 0 ? <p class="muted">None yet.</p> : null}
          <Decisions decisions={decisions} cursor={cursor} />
        </section>
        <section class="panel" aria-labelledby="recommended">
          <h2 id="recommended">Recommended</h2>
          <Containers containers={data.containers} />
          {data.recommendation === null ? (
            <p class="muted">Nothing is recommended: what is declared fits what is used.</p>
          ) : (
            <Yaml title="For the pod's template" text={data.recommendation} />
          )}
        </section>
      </div>
    </>
  );
}

function PodFacts({ data }: { readonly data: DashboardPod }): JSX.Element {
  const now = useModel().nowMs.value;
  const { recordedSinceMs, ghost } = data;
  return (
    <section class="panel" aria-label="How it stands">
      <dl class="facts">
        <Fact name="Workload">{data.workload ?? "none"}</Fact>
        <Fact name="Mode">{data.mode}</Fact>
        <Fact name="Bound by">{data.binding}</Fact>
        <Fact name="Standing">{data.standing}</Fact>
        <Fact name="Recorded">
          {recordedSinceMs === null ? "from now on" : `for ${spanText(now - recordedSinceMs)}`}
        </Fact>
        <Fact name="Throttled">
          <Explained by="ghost.actualThrottledSeconds">{secondsText(ghost.actualThrottledSeconds)}</Explained>
        </Fact>
        <Fact name="Under its declared limit">
          <Explained by="ghost.throttledSeconds">{secondsText(ghost.throttledSeconds)}</Explained>
        </Fact>
        <Fact name="Declared limit">
          <Explained by="ghost.declaredLimitMilli">
            {ghost.declaredLimitMilli === null ? "none" : cpuText(ghost.declaredLimitMilli)}
          </Explained>
        </Fact>
      </dl>
    </section>
  );
}

function secondsText(seconds: number | null): string {
  return orUnknown(seconds, (value) => `${numberText(value)} s`);
}

interface DecisionsProps {
  readonly decisions: readonly PodDecision[];
  readonly cursor: ReturnType<typeof useList>;
}

function Decisions({ decisions, cursor }: DecisionsProps): JSX.Element {
  const { value: filter } = useModel().filter;
  if (decisions.length === 0 && filter !== "") return <Notice title={`No decision meets the filter: ${filter}`} />;
  return (
    <ol class="decisions">
      {decisions.map((decision, index) => (
        <li
          key={decision.id}
          id={cursor.idOf(index)}
          tabIndex={-1}
          onClick={() => cursor.choose(index, false)}
          {...(index === cursor.index ? { "aria-current": "true" as const } : {})}
        >
          <time dateTime={new Date(decision.atMs).toISOString()}>{clockText(decision.atMs)}</time>
          <span>
            <span class="tag">{decision.cause}</span> {changeText(decision)}{" "}
            <span class="muted">{decision.reason}</span>
          </span>
        </li>
      ))}
    </ol>
  );
}
