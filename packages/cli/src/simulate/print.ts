import type { Screen } from "../output/screen.ts";
import { type Column, tableText } from "../output/table.ts";
import type { Row, Simulated } from "./simulate.ts";

const columns: readonly Column<Row>[] = [
  { head: "POLICY", of: ({ policy }) => policy, gives: true },
  { head: "THROTTLED s", of: ({ throttledSeconds }) => throttledSeconds.toFixed(1), right: true },
  { head: "WORK LOST s", of: ({ lostSeconds }) => lostSeconds?.toFixed(1) ?? "-", right: true },
  { head: "PROMISED cores", of: ({ promisedCores }) => promisedCores.toFixed(2), right: true },
  { head: "RATIONED s", of: ({ rationedSeconds }) => String(rationedSeconds), right: true },
  { head: "RESIZES", of: ({ resizes }) => String(resizes ?? "-"), right: true },
];

/** A row for each policy. */
export function printSimulated({ scenario, seconds, pods, policies }: Simulated, screen: Screen): string {
  return `${scenario}: ${pods} pods, ${seconds} s\n${tableText(columns, policies, screen)}`;
}
