import { errorAt, parseWith } from "@walras/kit";
import { request } from "undici";

import { nodesViewSchema } from "../../ledger/view.ts";
import type { CpuSource } from "./polled.ts";

/** CPU of nodes from the controller that their agents report to: its /nodes. */
export function controllerCpu(baseUrl: string): CpuSource {
  const url = `${baseUrl.replace(/\/$/, "")}/nodes`;
  return {
    name: `controller ${url}`,
    ask: async (signal) => {
      const { statusCode, body } = await request(url, { signal });
      const { nodes } = parseWith(nodesViewSchema, asJson(await body.text(), statusCode), "answer");
      const known = nodes.flatMap(({ node, cpu30s, ageMs }) =>
        cpu30s === null ? [] : [[node, { busyFraction: cpu30s, ageMs }] as const],
      );
      if (known.length === 0) throw new Error("it has heard of no node's CPU: is it the one that leads?");
      return new Map(known);
    },
  };
}

function asJson(text: string, statusCode: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw errorAt(`HTTP ${statusCode}`, text, "is no answer of a controller");
  }
}
