import { type LoadModel, loadLatency, type LoadPoint } from "./load.ts";

/** A model that is off by more than this says nothing of how far. */
const mostOff = 4;
const halvings = 24;

/**
 * As many times the CPU of a request as when the model was learnt, by a latency
 * that was measured: within a quarter and four times.
 */
export function workBy({ parameters }: Pick<LoadModel, "parameters">, point: LoadPoint, latency: number): number {
  let [least, most] = [-Math.log(mostOff), Math.log(mostOff)];
  for (let halving = 0; halving < halvings; halving += 1) {
    const middle = (least + most) / 2;
    if (loadLatency(parametersFor(parameters, Math.exp(middle)), point) < latency) least = middle;
    else most = middle;
  }
  return Math.exp((least + most) / 2);
}

/** The model of a service whose requests take as many times the CPU. */
export function withWork(model: LoadModel, work: number): LoadModel {
  return work === 1 ? model : { ...model, parameters: parametersFor(model.parameters, work) };
}

/** What takes no CPU stays. */
function parametersFor([p0, p1, p2, p3]: LoadModel["parameters"], work: number): LoadModel["parameters"] {
  return [p0, p1 * work, p2 * work, p3 * work];
}
