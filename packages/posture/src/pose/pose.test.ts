import { join } from "node:path";

import { InputError } from "@walras/kit";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readConfig } from "../config.ts";
import type { Analysis } from "./analyzer.ts";
import { MoveNet } from "./moveNet.ts";
import { annotatedJpeg, decodePicture, type RgbPicture } from "./picture.ts";
import { PosePool } from "./pool.ts";
import { type Keypoint, keypointNames, leastScore } from "./pose.ts";
import { personJpeg } from "./testing/person.ts";

const { modelDir } = readConfig({ MQTT_BROKER: "unused" });
let person: Buffer;
let moveNet: MoveNet;

beforeAll(async () => {
  person = await personJpeg();
  moveNet = await MoveNet.load(modelDir);
});

const point = (keypoints: readonly Keypoint[], name: Keypoint["name"]): Keypoint => {
  const found = keypoints.find((each) => each.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};

/** Somebody upright who faces the camera. */
function expectUpright(keypoints: readonly Keypoint[], { width, height }: Pick<RgbPicture, "width" | "height">): void {
  expect(keypoints.map(({ name }) => name)).toEqual(keypointNames);
  for (const { x, y, score } of keypoints) {
    expect(score).toBeGreaterThan(leastScore);
    expect(x).toBeGreaterThan(0);
    expect(x).toBeLessThan(width);
    expect(y).toBeGreaterThan(0);
    expect(y).toBeLessThan(height);
  }
  const heights = (["nose", "left_shoulder", "left_hip", "left_knee", "left_ankle"] as const).map(
    (name) => point(keypoints, name).y,
  );
  expect(heights).toEqual(heights.toSorted((a, b) => a - b));
  expect(point(keypoints, "right_wrist").x).toBeLessThan(point(keypoints, "left_wrist").x);
}

describe("the model", () => {
  it("finds every key point of a person", async () => {
    const picture = await decodePicture(person);
    expectUpright(await moveNet.estimate(picture), picture);
  });

  it("finds the same ones in a picture of another shape, and of another format", async () => {
    const wide = await sharp(person).extend({ right: 200, background: "white" }).png().toBuffer();
    const picture = await decodePicture(wide);
    expect(picture.width).toBe(358);
    const keypoints = await moveNet.estimate(picture);
    const before = await moveNet.estimate(await decodePicture(person));
    for (const name of ["left_shoulder", "right_hip"] as const) {
      const [now, then] = [point(keypoints, name), point(before, name)];
      expect(Math.hypot(now.x - then.x, now.y - then.y)).toBeLessThan(8);
    }
  });

  it("is not sure of anybody where nobody is", async () => {
    const empty = { width: 100, height: 50, pixels: new Uint8Array(100 * 50 * 3).fill(128) };
    const keypoints = await moveNet.estimate(empty);
    expect(keypoints.filter(({ score }) => score >= leastScore)).toEqual([]);
  });

  it("is complained about by its file's name when it is not there", async () => {
    await expect(MoveNet.load(join(modelDir, "nowhere"))).rejects.toThrow("movenet-lightning.json");
  });
});

describe("a picture", () => {
  it("is decoded upright, whatever the camera held", async () => {
    const lying = await sharp(person)
      .resize(60, 40, { fit: "fill" })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    expect(await decodePicture(lying)).toMatchObject({ width: 40, height: 60 });
  });

  it.each([
    ["text", Buffer.from("hello")],
    ["nothing", Buffer.alloc(0)],
  ])("that is %s is told to be none", async (_, bytes) => {
    await expect(decodePicture(bytes)).rejects.toThrow(InputError);
  });

  it("that is cut off is told to be damaged", async () => {
    await expect(decodePicture(person.subarray(0, person.length / 2))).rejects.toThrow(
      "is no picture that can be read",
    );
  });

  it("shows the key points of which the model is sure, and the limbs between them", async () => {
    const size = 64;
    const grey = { width: size, height: size, pixels: new Uint8Array(size * size * 3).fill(128) };
    const keypoints: Keypoint[] = [
      { name: "left_hip", x: 16, y: 16, score: 0.9 },
      { name: "left_knee", x: 16, y: 48, score: 0.9 },
      { name: "right_knee", x: 48, y: 48, score: 0.1 },
    ];
    const drawn = await decodePicture(await annotatedJpeg(grey, keypoints));
    const colour = (x: number, y: number): number[] => [
      ...drawn.pixels.subarray((y * size + x) * 3, (y * size + x) * 3 + 3),
    ];
    const [red, , blue] = colour(16, 16);
    expect(red).toBeGreaterThan((blue ?? 0) + 40);
    expect(colour(16, 32)[1]).toBeGreaterThan(140);
    for (const channel of colour(48, 48)) expect(Math.abs(channel - 128)).toBeLessThan(6);
  });
});

describe("the pool", () => {
  const shared = (bytes: Uint8Array): Uint8Array<SharedArrayBuffer> => {
    const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
    copy.set(bytes);
    return copy;
  };
  const options = { workers: 2, modelDir, timeoutMs: 20_000, program: join(import.meta.dirname, "worker.ts") };
  const pool = new PosePool(options);
  beforeAll(() => pool.start());
  afterAll(() => pool.stop());

  it("analyzes in its threads, and draws when it is asked to", async () => {
    const bytes = shared(person);
    const answers = await Promise.all([0, 1, 2, 3].map((index) => pool.analyze(bytes, index === 0)));
    for (const answer of answers as Analysis[]) {
      expectUpright(answer.keypoints, { width: 158, height: 160 });
      expect(answer.seconds).toBeGreaterThan(0);
    }
    const [first, second] = answers as [Analysis, Analysis];
    expect(second.annotated).toBeNull();
    expect(await decodePicture(first.annotated ?? new Uint8Array())).toMatchObject({ width: 158, height: 160 });
  });

  it("tells what is no picture from an analysis that failed", async () => {
    expect(await pool.analyze(shared(Buffer.from("hello")), false)).toEqual({
      broken: expect.stringContaining("is no picture"),
    });
    const without = new PosePool({ ...options, workers: 1, modelDir: join(modelDir, "nowhere") });
    without.start();
    await expect(without.analyze(shared(person), false)).rejects.toThrow("movenet-lightning.json");
    await without.stop();
  });
});
