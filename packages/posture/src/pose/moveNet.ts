import { access, readFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { type GraphModel, loadGraphModel } from "@tensorflow/tfjs-converter";
import { dispose, ready, setBackend, tensor } from "@tensorflow/tfjs-core";
import { z } from "zod";

import { type RgbPicture, squareOf } from "./picture.ts";
import { type Keypoint, keypointNames } from "./pose.ts";

/** The model's own: it sees squares of this many pixels a side. */
const side = 192;
const modelName = "movenet-lightning";

const modelFile = z.looseObject({
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z.array(z.object({ weights: z.array(z.looseObject({ name: z.string() })) })),
});
/** How the library describes weights; only it looks inside. */
type Weights = NonNullable<
  Awaited<ReturnType<NonNullable<Exclude<Parameters<typeof loadGraphModel>[0], string>["load"]>>>["weightSpecs"]
>;

/**
 * One person's pose by MoveNet SinglePose Lightning (Google, 2021), on the CPU
 * by WebAssembly. For one thread: the library's backend is a global.
 */
export class MoveNet {
  readonly #model: GraphModel;

  private constructor(model: GraphModel) {
    this.#model = model;
  }

  /**
   * @param dir where movenet-lightning.json and .bin are
   * @throws Error when they are not there or not a model
   */
  static async load(dir: string): Promise<MoveNet> {
    setWasmPaths((await wasmDir(dir)) + sep);
    await setBackend("wasm");
    await ready();
    const { modelTopology, weightsManifest } = modelFile.parse(
      JSON.parse(await readFile(join(dir, `${modelName}.json`), "utf8")),
    );
    const weightData = new Uint8Array(await readFile(join(dir, `${modelName}.bin`))).buffer;
    const weightSpecs = weightsManifest.flatMap(({ weights }) => weights) as unknown as Weights;
    const model = await loadGraphModel({
      load: () => Promise.resolve({ modelTopology, weightSpecs, weightData }),
    });
    return new MoveNet(model);
  }

  /** Key points in pixels of the picture, also those that the model is not sure of. */
  async estimate(picture: RgbPicture): Promise<Keypoint[]> {
    const pixels = await squareOf(picture, side);
    const input = tensor(Int32Array.from(pixels), [1, side, side, 3], "int32");
    const output = this.#model.execute(input);
    if (Array.isArray(output)) throw new Error(`${modelName} gave ${output.length} answers in place of one`);
    try {
      return keypointsOf(await output.data(), picture);
    } finally {
      dispose([input, output]);
    }
  }
}

/** The answer has y, x and score of each key point; y and x are parts of the square's side. */
function keypointsOf(answer: ArrayLike<number>, { width, height }: RgbPicture): Keypoint[] {
  const longest = Math.max(width, height);
  return keypointNames.map((name, index) => {
    const [y = 0, x = 0, score = 0] = [answer[index * 3], answer[index * 3 + 1], answer[index * 3 + 2]];
    return { name, x: Math.min(x * longest, width), y: Math.min(y * longest, height), score };
  });
}

/** Beside the model in an image; in its package otherwise. */
async function wasmDir(dir: string): Promise<string> {
  try {
    await access(join(dir, "tfjs-backend-wasm-simd.wasm"));
    return dir;
  } catch {
    return dirname(fileURLToPath(import.meta.resolve("@tensorflow/tfjs-backend-wasm")));
  }
}
