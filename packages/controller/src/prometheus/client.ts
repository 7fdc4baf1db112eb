import { errorAt } from "@walras/kit";
import { request } from "undici";
import { z } from "zod";

/** One series of an instant query. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const pairSchema = z.tuple([z.number(), z.string()]);
const answerSchema = z.object({
  status: z.string(),
  error: z.string().optional(),
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

/** Prometheus' HTTP API, as far as it is asked. */
export class PrometheusClient {
  readonly #baseUrl: string;

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl.replace(/\/$/, "");
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
      const text = await body.text();
      return samplesOf(statusCode, text);
    } catch (cause) {
      throw new Error(`Prometheus query ${query}`, { cause });
    }
  }
}

function samplesOf(statusCode: number, text: string): readonly Sample[] {
  const parsed = answerSchema.safeParse(asJson(text));
  if (!parsed.success) throw errorAt(`HTTP ${statusCode}`, text, "is no answer of Prometheus");
  const { status, error, data } = parsed.data;
  if (status !== "success" || data === undefined) throw new Error(error ?? `HTTP ${statusCode}`);
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
