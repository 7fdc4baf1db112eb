import { describeError, InputError } from "@walras/kit";
import sharp, { type Sharp } from "sharp";

import { type Keypoint, leastScore, limbs } from "./pose.ts";

/** Three bytes a pixel: red, green, blue. */
export interface RgbPicture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** A small file can claim to be a picture that fills the memory. */
const mostPixels = 50_000_000;
const jpegQuality = 85;

/**
 * Decodes JPEG, PNG, WebP, GIF, TIFF or AVIF, upright.
 *
 * @throws InputError when it is none of them or is damaged
 */
export async function decodePicture(bytes: Uint8Array): Promise<RgbPicture> {
  try {
    const upright = sharp(bytes, { limitInputPixels: mostPixels, failOn: "error" }).autoOrient();
    const rgb = upright.toColourspace("srgb").removeAlpha().raw();
    const { data, info } = await rgb.toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, pixels: data };
  } catch (cause) {
    throw new InputError(`is no picture that can be read (${describeError(cause)})`, { cause });
  }
}

/** The whole picture in the upper left of a square of `side` pixels, as large as fits; the rest is black. */
export function squareOf(picture: RgbPicture, side: number): Promise<Uint8Array> {
  return pixelsOf(picture)
    .resize(side, side, { fit: "contain", position: "left top", background: "black" })
    .raw()
    .toBuffer();
}

/** The picture with the key points and limbs that the model is sure of drawn on it, as JPEG. */
export function annotatedJpeg(picture: RgbPicture, keypoints: readonly Keypoint[]): Promise<Uint8Array> {
  const overlay = Buffer.from(overlayOf(picture, keypoints));
  return pixelsOf(picture)
    .composite([{ input: overlay }])
    .jpeg({ quality: jpegQuality })
    .toBuffer();
}

function pixelsOf({ width, height, pixels }: RgbPicture): Sharp {
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** SVG of the picture's size. */
function overlayOf({ width, height }: RgbPicture, keypoints: readonly Keypoint[]): string {
  const sure = new Map(keypoints.filter(({ score }) => score >= leastScore).map((point) => [point.name, point]));
  const stroke = Math.max(1, Math.round(Math.max(width, height) / 160));
  const lines = limbs.flatMap(([from, to]) => {
    const [a, b] = [sure.get(from), sure.get(to)];
    return a && b ? [`<line x1="${a.x}" y1="${a.y}" x2="${b.x}" y2="${b.y}"/>`] : [];
  });
  const dots = [...sure.values()].map(({ x, y }) => `<circle cx="${x}" cy="${y}" r="${stroke * 2}"/>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><g stroke="#00e676" stroke-width="${stroke}">${lines.join("")}</g><g fill="#ff1744">${dots.join("")}</g></svg>`;
}
