import { errorAt } from "@walras/kit";

import type { ScaledRef } from "../../decide/asker.ts";
import { topicComplaint } from "./topic.ts";

type Metadata = ScaledRef["metadata"];

/** What a topic's messages mean. */
const mqttMetrics = ["messages", "retained", "depth"] as const;
export type MqttMetric = (typeof mqttMetrics)[number];

export interface MqttSpec {
  readonly kind: "mqtt";
  /** Without credentials. */
  readonly broker: string;
  readonly topic: string;
  readonly metric: MqttMetric;
  /** How long a message counts; metric messages only. */
  readonly windowMs: number;
  readonly username?: string;
  readonly password?: string;
}

export interface PrometheusSpec {
  readonly kind: "prometheus";
  readonly url: string;
  readonly query: string;
}

export interface JobsSpec {
  readonly kind: "jobs";
  readonly selector: string;
}

export type DemandSpec = { readonly kind: "always" } | JobsSpec | PrometheusSpec | MqttSpec;

const defaultWindowS = 60;
/** One bucket a second is kept. */
const mostWindowS = 3600;

const readers: Readonly<Record<DemandSpec["kind"], (metadata: Metadata) => DemandSpec>> = {
  always: () => ({ kind: "always" }),
  jobs: (metadata) => ({ kind: "jobs", selector: required(metadata, "selector") }),
  prometheus: (metadata) => ({
    kind: "prometheus",
    url: promUrlOf(metadata),
    query: required(metadata, "query"),
  }),
  mqtt: mqttSpecOf,
};

/** What a trigger's metadata says of demand. @throws FieldError naming the key and its value */
export function demandSpecOf({ metadata }: ScaledRef): DemandSpec {
  const kind = metadata["demand"] ?? "always";
  if (!isKind(kind)) throw errorAt("metadata.demand", kind, `is none of ${Object.keys(readers).join(", ")}`);
  return readers[kind](metadata);
}

/** Items that one job takes with it. @throws FieldError naming the key and its value */
export function itemsPerJobOf({ metadata }: ScaledRef): number {
  return positive(metadata, "itemsPerJob", { otherwise: 1, most: Number.MAX_SAFE_INTEGER });
}

function isKind(kind: string): kind is DemandSpec["kind"] {
  return Object.hasOwn(readers, kind);
}

function mqttSpecOf(metadata: Metadata): MqttSpec {
  const broker = urlOf(metadata, "mqttBroker", ["mqtt:", "mqtts:", "tcp:", "ssl:", "ws:", "wss:"]);
  const topic = required(metadata, "mqttTopic");
  const metric = metadata["demandMetric"] ?? "messages";
  if (!isMetric(metric)) throw errorAt("metadata.demandMetric", metric, `is none of ${mqttMetrics.join(", ")}`);
  const complaint = topicComplaint(topic, { wildcards: metric !== "depth" });
  if (complaint !== null) throw errorAt("metadata.mqttTopic", topic, complaint);
  const seconds = positive(metadata, "mqttWindowSeconds", { otherwise: defaultWindowS, most: mostWindowS });
  return { kind: "mqtt", broker, topic, metric, windowMs: seconds * 1000, ...credentialsOf(metadata) };
}

function isMetric(metric: string): metric is MqttMetric {
  return (mqttMetrics as readonly string[]).includes(metric);
}

/** KEDA passes what a key in FromEnv resolves to under that same key. */
function credentialsOf(metadata: Metadata): { readonly username?: string; readonly password?: string } {
  const username = metadata["mqttUsernameFromEnv"] ?? metadata["mqttUsername"];
  const password = metadata["mqttPasswordFromEnv"] ?? metadata["mqttPassword"];
  return { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
}

function required(metadata: Metadata, key: string): string {
  const value = metadata[key];
  if (value === undefined || value.trim() === "") {
    throw errorAt(`metadata.${key}`, value, `is missing; demand ${metadata["demand"]} needs it`);
  }
  return value;
}

function urlOf(metadata: Metadata, key: string, schemes: readonly string[]): string {
  const text = required(metadata, key);
  const url = URL.parse(text);
  if (url === null || !schemes.includes(url.protocol) || url.hostname === "") {
    throw errorAt(`metadata.${key}`, withoutCredentials(text), `is no URL of ${schemes.join(" ")}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw errorAt(`metadata.${key}`, withoutCredentials(text), "must not carry credentials");
  }
  return text;
}

/** What is asked is added to it; it must not become part of something else. */
function promUrlOf(metadata: Metadata): string {
  const text = urlOf(metadata, "promUrl", ["http:", "https:"]);
  if (/[?#]/.test(text)) throw errorAt("metadata.promUrl", text, "must not carry a query or a fragment");
  return text;
}

/** What is said of a URL appears in events, which more people read than may know its password. */
function withoutCredentials(text: string): string {
  return text.replace(/\/\/[^@/]*@/, "//…@");
}

function positive(
  metadata: Metadata,
  key: string,
  { otherwise, most }: { readonly otherwise: number; readonly most: number },
): number {
  const text = metadata[key];
  if (text === undefined) return otherwise;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!(value > 0 && value <= most))
    throw errorAt(`metadata.${key}`, text, `is not a number above 0 and up to ${most}`);
  return value;
}
