import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import sharp from "sharp";

/** A picture of one person, 158 by 160 pixels, out of what the model's package shows of itself. */
export function personJpeg(): Promise<Buffer> {
  const library = dirname(dirname(fileURLToPath(import.meta.resolve("@vladmandic/human"))));
  return sharp(join(library, "assets", "samples.jpg"))
    .extract({ left: 0, top: 0, width: 158, height: 160 })
    .jpeg({ quality: 95 })
    .toBuffer();
}
