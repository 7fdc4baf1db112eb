// A thread that analyzes one picture after the other.
import { workerData } from "node:worker_threads";

import { describeError, InputError } from "@walras/kit";
import sharp from "sharp";
import workerpool from "workerpool";

import type { Analysis, BrokenPicture } from "./analyzer.ts";
import { MoveNet } from "./moveNet.ts";
import { annotatedJpeg, decodePicture } from "./picture.ts";

// The threads of this program are its workers.
sharp.concurrency(1);
sharp.cache(false);

const model = MoveNet.load((workerData as { modelDir: string }).modelDir);
// Whoever asks first is told; nobody may have asked yet.
model.catch(() => undefined);

async function analyze(bytes: Uint8Array, annotate: boolean): Promise<Analysis | BrokenPicture> {
  const moveNet = await model;
  const startedMs = performance.now();
  try {
    const picture = await decodePicture(bytes);
    const keypoints = await moveNet.estimate(picture);
    const seconds = (performance.now() - startedMs) / 1000;
    return { keypoints, seconds, annotated: annotate ? await annotatedJpeg(picture, keypoints) : null };
  } catch (error) {
    if (error instanceof InputError) return { broken: describeError(error) };
    throw error;
  }
}

workerpool.worker({ analyze });
