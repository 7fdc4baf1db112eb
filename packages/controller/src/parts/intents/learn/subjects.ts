import { cpuLatency, parametersFor } from "../models/cpu.ts";
import { loadGroup, type Models } from "../models/effects.ts";
import { learnCpu, type Learnt, learnReplicas, type Observation } from "../models/learn.ts";
import { learnLoad } from "../models/learnLoad.ts";
import { predictLoad } from "../models/load.ts";
import { predictReplicas } from "../models/replicas.ts";

/** What a latency is learnt to follow. */
export interface Subject {
  /** As the prototype names it in documents; the last is ours. */
  readonly group: "scaling" | "vertical_scaling" | typeof loadGroup;
  /** Whether a moment says anything of it. */
  readonly concerns: (row: Observation) => boolean;
  /** null: nothing like it was seen. */
  readonly predict: (models: Models, profile: string, row: Observation) => number | null;
  readonly fit: (rows: readonly Observation[]) => Learnt | string;
  /** `data` of the document beyond what was fitted, as the prototype writes it. */
  readonly beside: (fitted: Learnt["data"], load: string) => Readonly<Record<string, unknown>>;
}

const byReplicas: Subject = {
  group: "scaling",
  concerns: ({ load, replicas, latency }) => load !== null && replicas > 0 && latency > 0,
  predict: (models, profile, { load, replicas }) => {
    const model = models.replicas.get(profile);
    return model === undefined || load === null ? null : predictReplicas(model, load, replicas);
  },
  fit: learnReplicas,
  beside: (_, load) => ({ trainingFeatures: [load, "replicas"] }),
};

const byCpu: Subject = {
  group: "vertical_scaling",
  concerns: ({ replicas, cpuMilli, latency }) => replicas === 1 && cpuMilli > 0 && latency > 0,
  predict: (models, profile, { cpuMilli, latency }) => {
    const model = models.cpu.get(profile);
    const parameters = model && parametersFor(model, latency);
    const cores = cpuMilli / 1_000;
    const [least, most] = model?.coreRange ?? [-Infinity, Infinity];
    return !parameters || cores < least || cores > most ? null : cpuLatency(parameters, cores);
  },
  fit: learnCpu,
  // Of the prototype's releases one reads the one name, and one the other.
  beside: ({ popt }) => ({ popts: popt, trainingFeatures: ["cpus"] }),
};

const byLoad: Subject = {
  group: loadGroup,
  concerns: ({ load, replicas, cpuMilli, latency }) =>
    load !== null && load > 0 && replicas > 0 && cpuMilli > 0 && latency > 0,
  predict: (models, profile, { load, replicas, cpuMilli }) => {
    const model = models.load.get(profile);
    if (model === undefined || load === null) return null;
    return predictLoad(model, { load, replicas, cores: cpuMilli / 1_000 })?.latency ?? null;
  },
  fit: learnLoad,
  beside: (_, load) => ({ trainingFeatures: [load, "replicas", "cpus"] }),
};

export const subjects: readonly Subject[] = [byReplicas, byCpu, byLoad];
