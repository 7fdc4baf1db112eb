import { errorAt } from "@walras/kit";

import { isProfile } from "../../decide/mig/profile.ts";
import { type Amounts, type Gang, type GpuAsk, noAsk, pluginResource } from "../../decide/schedule/pod.ts";
import { wholeMilli } from "../../decide/snapshot.ts";
import { gpuAnnotations } from "./names.ts";

type Annotations = Readonly<Record<string, string>>;

/** What a pod asks of GPUs. @throws FieldError naming the annotation and its value */
export function askOf(annotations: Annotations, request: Amounts): GpuAsk {
  const models = listOf(annotations[gpuAnnotations.models]);
  const milli = annotations[gpuAnnotations.milli];
  const byPlugin = request[pluginResource] ?? 0;
  if (milli !== undefined && byPlugin > 0)
    throw errorAt(gpuAnnotations.milli, milli, `does not go with ${pluginResource}: the kubelet gives whole GPUs`);
  const mig = annotations[gpuAnnotations.mig];
  if (mig !== undefined) return { ...noAsk, models, mig: profileOf(mig, { milli, byPlugin }) };
  if (milli !== undefined) return { ...noAsk, ...shareOf(milli), models };
  if (byPlugin === 0) return { ...noAsk, models };
  return { gpus: byPlugin, gpuMilli: wholeMilli, models, mig: null, plugin: true };
}

function profileOf(
  mig: string,
  { milli, byPlugin }: { readonly milli: string | undefined; readonly byPlugin: number },
): string {
  if (milli !== undefined) throw errorAt(gpuAnnotations.mig, mig, `does not go with ${gpuAnnotations.milli}`);
  if (byPlugin > 0) throw errorAt(gpuAnnotations.mig, mig, `does not go with ${pluginResource}`);
  if (!isProfile(mig)) throw errorAt(gpuAnnotations.mig, mig, "is not a MIG profile such as 1g.10gb");
  return mig;
}

function shareOf(text: string): Pick<GpuAsk, "gpus" | "gpuMilli"> {
  const milli = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (milli >= 1 && milli <= wholeMilli) return { gpus: 1, gpuMilli: milli };
  if (milli === 0 || milli % wholeMilli !== 0)
    throw errorAt(gpuAnnotations.milli, text, `is neither from 1 to ${wholeMilli} nor a multiple of ${wholeMilli}`);
  return { gpus: milli / wholeMilli, gpuMilli: wholeMilli };
}

/** @throws FieldError naming the annotation and its value */
export function gangOf(annotations: Annotations): Gang | null {
  const name = annotations[gpuAnnotations.gang];
  const size = annotations[gpuAnnotations.gangSize];
  if (name === undefined && size === undefined) return null;
  if (name === undefined || name === "") throw errorAt(gpuAnnotations.gang, name, "is needed beside a gang's size");
  if (size === undefined || !/^[1-9]\d{0,3}$/.test(size))
    throw errorAt(gpuAnnotations.gangSize, size, "is not a whole number from 1 to 9999");
  return { name, size: Number(size) };
}

/** @throws FieldError naming the annotation and its value */
export function movableOf(annotations: Annotations): boolean | null {
  const text = annotations[gpuAnnotations.movable];
  if (text === undefined) return null;
  if (text !== "true" && text !== "false") throw errorAt(gpuAnnotations.movable, text, "is neither true nor false");
  return text === "true";
}

/** What stands between commas. */
export function listOf(text: string | undefined): readonly string[] {
  return (text ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
