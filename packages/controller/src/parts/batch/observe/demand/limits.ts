import { mostAnswerBytes } from "../../../../base/telemetry/prometheus.ts";

/** What triggers can make the controller watch at most; the reasons are beside each use. */
export const demandLimits = {
  /** Topics and queries in all, and of one namespace, so that no namespace shuts others out. */
  watched: 500,
  watchedPerNamespace: 50,
  selectors: 500,
  selectorChars: 1_024,
  /** Of what a Prometheus answers. */
  answerBytes: mostAnswerBytes,
  /** Of one message on a topic; a broker is asked to keep longer ones to itself. */
  mqttPacketBytes: 1024 * 1024,
} as const;
