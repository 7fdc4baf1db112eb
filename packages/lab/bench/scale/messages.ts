import type { StepDelays } from "./stepWatch.ts";

/** What the load is told: where agents report, that the steps begin, or that its result is asked for. */
export type ToLoad = { readonly agentPort: number } | { readonly step: true } | { readonly ask: true };

/** What the load tells: where its API server is once all pods run, or how it went so far. */
export type FromLoad = { readonly url: string } | (StepDelays & { readonly resizes: number });
