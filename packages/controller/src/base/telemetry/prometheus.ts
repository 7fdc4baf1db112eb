import { readFile } from "node:fs/promises";

import { errorAt } from "@walras/kit";
import { Agent, request } from "undici";
import { z } from "zod";

import { boundedText } from "../bounds/boundedText.ts";

/** One series of an instant query. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A sample with the moment that it is of, milliseconds since the Unix epoch. */
export interface TimedSample extends Sample {
  readonly atMs: number;
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

/** Where Prometheus is, and how it is spoken to. */
export interface PrometheusAccess {
  readonly url: string;
  /** Of its query API, below the URL: /api/v1/query where not given. */
  readonly path?: string;
  /** A sample that is older is none; the server's five minutes where not given. */
  readonly lookBackSeconds?: number;
  /** A bearer token. */
  readonly tokenFile?: string | undefined;
  /** Authorities of its certificate, PEM; the system's where not given. */
  readonly caFile?: string | undefined;
}

/** Prometheus' HTTP API, as far as it is asked. Redirects are not followed: they may lead anywhere. */
export class PrometheusClient {
  readonly #access: PrometheusAccess;
  readonly #mostBytes: number;
  #trust: { readonly caPem: string; readonly agent: Agent } | undefined;

  constructor(access: PrometheusAccess, mostBytes = mostAnswerBytes) {
    this.#access = access;
    this.#mostBytes = mostBytes;
  }

  /**
   * An instant query.
   *
   * @returns its series with a value: NaN and Inf are none
   * @throws Error naming the query and what was wrong with the answer, or with a file
   */
  async query(query: string, signal: AbortSignal): Promise<readonly TimedSample[]> {
    try {
      const url = this.#urlOf(query);
      const [headers, dispatcher] = await Promise.all([this.#authorization(), this.#trusting()]);
      const { statusCode, body } = await request(url, { signal, headers, ...(dispatcher && { dispatcher }) });
      return samplesOf(statusCode, await boundedText(body, this.#mostBytes));
    } catch (cause) {
      throw new Error(`Prometheus query ${query}`, { cause });
    }
  }

  #urlOf(query: string): URL {
    const { url: base, path = "/api/v1/query", lookBackSeconds } = this.#access;
    const url = new URL(`${base.replace(/\/$/, "")}${path}`);
    url.searchParams.set("query", query);
    if (lookBackSeconds !== undefined) url.searchParams.set("lookback_delta", String(lookBackSeconds));
    return url;
  }

  /** Projected tokens are replaced every hour: it is read for each query. */
  async #authorization(): Promise<Record<string, string>> {
    const { tokenFile } = this.#access;
    if (tokenFile === undefined) return {};
    const token = (await textOf(tokenFile)).trim();
    if (!/^[\x21-\x7e]+$/.test(token)) throw errorAt(tokenFile, "(hidden)", "holds no token");
    return { authorization: `Bearer ${token}` };
  }

  async #trusting(): Promise<Agent | undefined> {
    const { caFile } = this.#access;
    if (caFile === undefined) return undefined;
    const caPem = await textOf(caFile);
    if (this.#trust?.caPem !== caPem) {
      void this.#trust?.agent.close();
      this.#trust = { caPem, agent: new Agent({ connect: { ca: caPem } }) };
    }
    return this.#trust.agent;
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw errorAt(file, (error as NodeJS.ErrnoException).code, "cannot be read");
  }
}

function samplesOf(statusCode: number, text: string): readonly TimedSample[] {
  const parsed = answerSchema.safeParse(asJson(text));
  // What was answered is not told: whoever names an address would read through us what is there.
  if (!parsed.success) throw new Error(`HTTP ${statusCode}, which is no answer of Prometheus`);
  const { status, errorType = "", data } = parsed.data;
  if (status !== "success" || data === undefined) {
    throw new Error(`HTTP ${statusCode}${errorTypes.has(errorType) ? `, ${errorType}` : ""}`);
  }
  const all =
    data.resultType === "scalar"
      ? [sampleOf({}, data.result)]
      : data.result.map(({ metric, value }) => sampleOf(metric, value));
  return all.filter(({ value }) => Number.isFinite(value));
}

function sampleOf(labels: Sample["labels"], [seconds, value]: z.infer<typeof pairSchema>): TimedSample {
  return { labels, value: Number(value), atMs: seconds * 1_000 };
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
