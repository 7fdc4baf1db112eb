/** The Dockerfile of each program, from the root of the repository. */
export const dockerfiles = {
  controller: "Dockerfile.controller",
  agent: "Dockerfile.agent",
  posture: "packages/posture/Dockerfile",
  "gpu-check": "packages/gpu-check/Dockerfile",
} as const;

export type ProgramName = keyof typeof dockerfiles;

/** @throws Error naming those that there are */
export function programNamed(name: string | undefined): ProgramName {
  const names = Object.keys(dockerfiles) as ProgramName[];
  const found = names.find((one) => one === name);
  if (found === undefined) throw new Error(`no program ${name}; there are ${names.join(", ")}`);
  return found;
}
