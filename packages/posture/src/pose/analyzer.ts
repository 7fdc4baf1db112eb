import type { Keypoint } from "./pose.ts";

/** One picture's analysis. */
export interface Analysis {
  readonly keypoints: readonly Keypoint[];
  /** Decoding and estimating, without the wait for a free worker. */
  readonly seconds: number;
  /** JPEG; null unless it was asked for. */
  readonly annotated: Uint8Array | null;
}

/** Somebody sent what is no picture. */
export interface BrokenPicture {
  readonly broken: string;
}

/** Estimates poses; as many at once as there are workers, the others wait. */
export interface PoseAnalyzer {
  /**
   * @param bytes an encoded picture
   * @throws Error when the analysis itself failed
   */
  analyze(bytes: Uint8Array<SharedArrayBuffer>, annotate: boolean): Promise<Analysis | BrokenPicture>;
}
