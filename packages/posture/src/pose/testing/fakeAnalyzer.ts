import type { Analysis, BrokenPicture, PoseAnalyzer } from "../analyzer.ts";

type Answer = (bytes: Uint8Array, annotate: boolean) => Promise<Analysis | BrokenPicture>;

export const analysisOf = (analysis: Partial<Analysis> = {}): Analysis => ({
  keypoints: [{ name: "nose", x: 1, y: 2, score: 0.9 }],
  seconds: 0.1,
  annotated: null,
  ...analysis,
});

/** Answers as it is told; counts how many it was asked for at once. */
export class FakeAnalyzer implements PoseAnalyzer {
  asked = 0;
  mostAtOnce = 0;
  #now = 0;
  readonly #answer: Answer;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  async analyze(bytes: Uint8Array<SharedArrayBuffer>, annotate: boolean): Promise<Analysis | BrokenPicture> {
    this.asked += 1;
    this.#now += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#now);
    try {
      return await this.#answer(bytes, annotate);
    } finally {
      this.#now -= 1;
    }
  }
}
