import { request } from "undici";
import { z } from "zod";

import { boundedText } from "../bounds/boundedText.ts";

/** One series of an instant query. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const pairSchema = z.tuple([z.number(), z.string()]);
const answerSchema = z.object({
  status: z.string(),
  errorType: z.string().optional(),
  data: z
    .discriminatedUnion("resultType", [
      z.object({
        resultType: z.literal("vector"),
        result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: pairSchema })),
      }),
      z.object({ resultType: z.literal("scalar"), result: pairSchema }),
    ])
    .optional(),
});

/** Of an answer: a query of all nodes of a large cluster is some 1 MiB. */
export const mostAnswerBytes = 8 * 1024 * 1024;

/** What Prometheus says is wrong with a query (prometheus/web/api/v1: errorType). */
const errorTypes = new Set(["timeout", "canceled", "execution", "bad_data", "internal", "unavailable", "not_found"]);

/** Prometheus' HTTP API, as far as it is asked. Redirects are not followed: they may lead anywhere. */
export class PrometheusClient {
  readonly #baseUrl: string;
  readonly #mostBytes: number;

  constructor(baseUrl: string, mostBytes = mostAnswerBytes) {
    this.#baseUrl = baseUrl.replace(/\/$/, "");
    this.#mostBytes = mostBytes;
  }

  /**
   * An instant query. NaN and Inf are left out: they are no values.
   *
   * @throws Error naming the query and what was wrong with the answer
   */
  async query(query: string, signal: AbortSignal): Promise<readonly Sample[]> {
    try {
      const url = `${this.#baseUrl}/api/v1/query?${new URLSearchParams({ query }).toString()}`;
      const { statusCode, body } = await request(url, { signal });
      return samplesOf(statusCode, await boundedText(body, this.#mostBytes));
    } catch (cause) {
      throw new Error(`Prometheus query ${query}`, { cause });
    }
  }
}

function samplesOf(statusCode: number, text: string): readonly Sample[] {
  const parsed = answerSchema.safeParse(asJson(text));
  // What was answered is not told: whoever names an address would read through us what is there.
  if (!parsed.success) throw new Error(`HTTP ${statusCode}, which is no answer of Prometheus`);
  const { status, errorType = "", data } = parsed.data;
  if (status !== "success" || data === undefined) {
    throw new Error(`HTTP ${statusCode}${errorTypes.has(errorType) ? `, ${errorType}` : ""}`);
  }
  const all =
    data.resultType === "scalar"
      ? [{ labels: {}, value: Number(data.result[1]) }]
      : data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  return all.filter(({ value }) => Number.isFinite(value));
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
