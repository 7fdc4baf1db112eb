/**
 * Resolves with the name of the first SIGTERM or SIGINT. As PID 1 of a
 * container Node ignores both unless somebody listens.
 */
export function shutdownSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve(signal));
  });
}
