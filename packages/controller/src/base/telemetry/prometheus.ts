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
  async query(query: string, signal: AbortSignal): Promise<readonly Sample[]> {
    try {
      const base = this.#access.url.replace(/\/$/, "");
      const url = `${base}/api/v1/query?${new URLSearchParams({ query }).toString()}`;
      const [headers, dispatcher] = await Promise.all([this.#authorization(), this.#trusting()]);
      const { statusCode, body } = await request(url, { signal, headers, ...(dispatcher && { dispatcher }) });
      return samplesOf(statusCode, await boundedText(body, this.#mostBytes));
    } catch (cause) {
      throw new Error(`Prometheus query ${query}`, { cause });
    }
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
