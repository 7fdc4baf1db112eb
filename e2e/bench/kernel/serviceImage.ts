import { join } from "node:path";

import { filesImage } from "../../harness/images.ts";

const files = ["service.ts", "meter.ts"];

/** The service whose requests cost CPU. */
export const serviceImage = {
  name: "docker.io/walras/service:bench",
  /** @returns its archive */
  pack: (): Promise<string> =>
    filesImage({
      name: serviceImage.name,
      args: ["--max-semi-space-size=2", "/app/service.ts"],
      files: Object.fromEntries(files.map((file) => [`/app/${file}`, join(import.meta.dirname, file)])),
    }),
} as const;
