import { errorAt, parseWith } from "@walras/kit";
import { request } from "undici";

import { boundedText } from "../../../../base/bounds/boundedText.ts";
import { nodesViewSchema } from "../../../../base/telemetry/ledger/view.ts";
import type { NodeCpu } from "../../decide/slot.ts";
import type { CpuSource } from "./polled.ts";

/** 5,000 nodes are some 500 KiB. */
const mostBytes = 8 * 1024 * 1024;
/** A Service leads to leader and standby alike, and agents report to the leader only. */
const attempts = 4;

/** CPU of nodes from the controller that their agents report to: its /nodes. */
export function controllerCpu(baseUrl: string): CpuSource {
  const url = `${baseUrl.replace(/\/$/, "")}/nodes`;
  return {
    name: `controller ${url}`,
    ask: async (signal) => {
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const known = await askOnce(url, signal);
        if (known.size > 0) return known;
      }
      throw new Error("it has heard of no node's CPU: is it the one that leads?");
    },
  };
}

/** On a connection of its own, which may reach another replica than the one before. */
async function askOnce(url: string, signal: AbortSignal): Promise<ReadonlyMap<string, NodeCpu>> {
  const { statusCode, body } = await request(url, { signal, reset: true });
  const { nodes } = parseWith(nodesViewSchema, asJson(await boundedText(body, mostBytes), statusCode), "answer");
  return new Map(
    nodes.flatMap(({ node, cpu30s, ageMs }) =>
      cpu30s === null ? [] : [[node, { busyFraction: cpu30s, ageMs }] as const],
    ),
  );
}

function asJson(text: string, statusCode: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw errorAt(`HTTP ${statusCode}`, text, "is no answer of a controller");
  }
}
