/** One picture: each expression by what its lines are called (Grafana's legend format). */
export interface Panel {
  readonly title: string;
  /** Of Grafana's: `short`, `s`, `bytes`, `percentunit`, `ops`. */
  readonly unit: string;
  readonly queries: Readonly<Record<string, string>>;
  /** A number of this moment in place of lines. */
  readonly now?: true;
  readonly description?: string;
}

/** A page of Grafana. */
export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly panels: readonly Panel[];
}

const columns = 3;
const width = 24 / columns;
const height = 7;
const datasource = { type: "prometheus", uid: "${datasource}" };

/** The dashboard as Grafana imports it: the data source is asked for. */
export function grafanaDashboard({ uid, title, description, panels }: Dashboard): object {
  return {
    uid,
    title,
    description,
    tags: ["walras"],
    editable: true,
    schemaVersion: 39,
    time: { from: "now-1h", to: "now" },
    refresh: "30s",
    // One cursor for all pictures.
    graphTooltip: 1,
    templating: {
      list: [{ name: "datasource", type: "datasource", query: "prometheus", label: "Prometheus", hide: 0 }],
    },
    annotations: {
      list: [
        {
          name: "Leader changed",
          datasource,
          enable: true,
          expr: "changes(max(walras_leader_epoch)[1m:]) > 0",
          iconColor: "orange",
        },
      ],
    },
    panels: panels.map(grafanaPanel),
  };
}

function grafanaPanel({ title, unit, queries, now, description }: Panel, index: number): object {
  return {
    id: index + 1,
    title,
    ...(description === undefined ? {} : { description }),
    type: now ? "stat" : "timeseries",
    datasource,
    gridPos: { x: (index % columns) * width, y: Math.floor(index / columns) * height, w: width, h: height },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: now ? { reduceOptions: { calcs: ["lastNotNull"] } } : { tooltip: { mode: "multi", sort: "desc" } },
    targets: Object.entries(queries).map(([legendFormat, expr], at) => ({
      refId: String.fromCodePoint("A".codePointAt(0)! + at),
      datasource,
      expr,
      legendFormat,
    })),
  };
}
