import type { Picture } from "../inbox.ts";

/** A picture in the inbox, with what a test cares about. */
export function pictureOf(picture: Partial<Picture>): Picture {
  const piId = picture.piId ?? "pi1";
  return {
    piId,
    topic: `images/${piId}`,
    receivedAtMs: Date.UTC(2026, 2, 1, 10),
    bytes: new Uint8Array(new SharedArrayBuffer(1)),
    ...picture,
  };
}
