/** Asks until the answer is right. @throws Error telling the last answer */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T> | T,
  isRight: (answer: T) => boolean,
  withinMs = 30_000,
): Promise<T> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (performance.now() > untilMs)
      throw new Error(`${what}: still ${JSON.stringify(answer).slice(-600)} after ${withinMs} ms`);
    await pause(50);
  }
}

export function pause(forMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, forMs));
}
