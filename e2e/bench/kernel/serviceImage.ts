import { join } from "node:path";

import type { ProgramImage } from "../../providers/provider.ts";

const files = ["service.ts", "meter.ts"];

/** Of the service whose requests cost CPU. */
export const serviceImage: ProgramImage = {
  name: "docker.io/walras/service:bench",
  flags: ["--max-semi-space-size=2"],
  program: "/app/service.ts",
  files: Object.fromEntries(files.map((file) => [`/app/${file}`, join(import.meta.dirname, file)])),
};
