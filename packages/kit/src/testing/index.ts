export { type Pair, selfSigned } from "./certificates.ts";
export { flagsWithin, imageFlags } from "./imageFlags.ts";
export { metricSum } from "./metricSum.ts";
export { Mosquitto } from "./mosquitto.ts";
export { freePort } from "./ports.ts";
export { Prometheus } from "./prometheus.ts";
export { ServiceDouble } from "./serviceDouble.ts";
