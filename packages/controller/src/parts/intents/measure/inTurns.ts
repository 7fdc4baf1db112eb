/** Runs all jobs, so many at a time. */
export async function inTurns<Job>(jobs: Iterable<Job>, most: number, run: (job: Job) => Promise<void>): Promise<void> {
  const waiting = jobs[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = waiting.next(); next.done !== true; next = waiting.next()) await run(next.value);
  };
  await Promise.all(Array.from({ length: most }, work));
}
