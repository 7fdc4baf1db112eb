import { busyOf, type LoadForecast, type LoadModel, type LoadPoint, predictLoad } from "../models/load.ts";
import { withWork } from "../models/work.ts";
import { type Aim, isMet } from "./objectives.ts";
import { servingOf } from "./outlook.ts";
import { replicasOf, type State, stateOf } from "./state.ts";
import type { Outlook, Workload } from "./workload.ts";

/**
 * The worse of what is to come later on all replicas, each with as much CPU as
 * it may be given then, and soon on those that serve. Where the most is given
 * and none is removed, nothing more can be done about the latter in time.
 *
 * @returns null: not known
 */
export function foreseen(
  model: LoadModel,
  { aim, state, workload }: { readonly aim: Aim; readonly state: State; readonly workload: Workload },
): number | null {
  const { outlook } = workload;
  if (outlook === null) return null;
  const [later, soon] = pointsOf(state, workload, { ...outlook, model });
  const worked = withWork(model, outlook.work.get(aim.profile) ?? 1);
  const mostBusy = Math.max(model.mostBusy, ...busiestNow(worked, workload, outlook));
  const isTold = ({ busy, latency }: LoadForecast): boolean => busy <= mostBusy || !isMet(aim, latency);
  const first = predictLoad(worked, later);
  if (first === null || !isTold(first)) return null;
  const second = soon === undefined ? null : predictLoad(worked, soon);
  // So few pods were never seen to serve: of them nothing is known.
  if (second === null) return first.latency;
  return isTold(second) ? Math.max(first.latency, second.latency) : null;
}

interface Foreseen extends Outlook {
  readonly model: LoadModel;
}

/** Of later, and of soon where something can still be done about it in time. */
function pointsOf(
  state: State,
  workload: Workload,
  { model, soon, later, mostCpuMilli }: Foreseen,
): readonly [LoadPoint, ...LoadPoint[]] {
  const within = (load: number): number => Math.min(load, model.loadRange[1]);
  const most = Math.max(state.cpuMilli, Math.min(mostCpuMilli, Math.floor(model.coreRange[1] * 1000)));
  const serving = servingOf(workload) - state.removed.length;
  const isAll = state.cpuMilli >= most && state.removed.length === 0;
  const then = { load: within(later), replicas: replicasOf(state, workload), cores: most / 1000 };
  return isAll ? [then] : [then, { load: within(soon), replicas: serving, cores: state.cpuMilli / 1000 }];
}

/** As busy as it is to be without a plan may be seen. */
function busiestNow(worked: LoadModel, workload: Workload, outlook: Outlook): number[] {
  const points = pointsOf(stateOf(workload), workload, { ...outlook, model: worked });
  return points.map((point) => busyOf(worked.parameters, point));
}
