import type { Report, Row } from "../verdict/report.ts";

const style = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1a1a1a;background:#fff}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .8rem;border-bottom:1px solid #ddd;vertical-align:top}
td{font-variant-numeric:tabular-nums;overflow-wrap:anywhere}.ok{color:#15692b}.bad{color:#a4161a;font-weight:600}
@media (prefers-color-scheme:dark){body{color:#e8e8e8;background:#161616}th,td{border-color:#3a3a3a}.ok{color:#6fce87}.bad{color:#ff8a8a}}`;

/** What has been judged, and when; null: nothing of late. */
export interface Judged {
  readonly report: Report;
  readonly ageMs: number;
}

/** The verdict for people. @param trouble why there is none */
export function page(judged: Judged | null, trouble: string | null): string {
  const title = titleOf(judged?.report);
  const said = judged === null ? escaped(trouble ?? "") : `${Math.round(judged.ageMs / 1000)} s ago`;
  const rows = judged?.report.rows ?? [];
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="10"><title>${title} · GPU check</title><style>${style}</style></head>
<body><h1 class="${judged?.report.green ? "ok" : "bad"}">${title}</h1><p>${said}</p>
<table><thead><tr><th>Pod</th><th>Verdict</th><th>Expected</th><th>Seen</th><th>Why</th></tr></thead>
<tbody>${rows.map(tableRow).join("\n")}</tbody></table></body></html>\n`;
}

function titleOf(report: Report | undefined): string {
  if (report === undefined) return "No verdict";
  if (report.green) return "All as the map says";
  return `${report.rows.filter(({ state }) => state !== "ok").length} not as the map says`;
}

function tableRow({ podIndex, state, expected, seen, findings }: Row): string {
  const why = findings.map(({ message }) => escaped(message)).join("<br>");
  const cells = [
    String(podIndex),
    `<span class="${state === "ok" ? "ok" : "bad"}">${state}</span>`,
    placeOf(expected),
    seenOf(seen),
    why,
  ];
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
}

function placeOf({ node, gpus }: { readonly node: string | null; readonly gpus: readonly string[] }): string {
  return escaped(`${node ?? "?"}: ${gpus.length === 0 ? "none" : gpus.join(", ")}`);
}

function seenOf(seen: Row["seen"]): string {
  if (seen === null) return "";
  return `${placeOf(seen)}${seen.by === "variable" ? " (by the variable alone)" : ""}`;
}

/** What pods answer is no markup of ours. */
function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** The verdict for a terminal: a line for each pod, and one for all. */
export function lines({ rows, green }: Report): string {
  const each = rows.map(
    ({ podIndex, state, findings }) => `${podIndex}  ${[state, ...findings.map(({ message }) => message)].join("  ")}`,
  );
  return [...each, green ? "green" : "red", ""].join("\n");
}
