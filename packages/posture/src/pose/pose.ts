/** The key points of the COCO data set, in MoveNet's order. */
export const keypointNames = [
  "nose",
  "left_eye",
  "right_eye",
  "left_ear",
  "right_ear",
  "left_shoulder",
  "right_shoulder",
  "left_elbow",
  "right_elbow",
  "left_wrist",
  "right_wrist",
  "left_hip",
  "right_hip",
  "left_knee",
  "right_knee",
  "left_ankle",
  "right_ankle",
] as const;

export type KeypointName = (typeof keypointNames)[number];

export interface Keypoint {
  readonly name: KeypointName;
  /** Pixels from the left edge of the picture. */
  readonly x: number;
  /** Pixels from its upper edge. */
  readonly y: number;
  /** How sure the model is, between 0 and 1. */
  readonly score: number;
}

/** Less than this is a guess; MoveNet's model card recommends it. */
export const leastScore = 0.3;

/** Which key points a body joins. */
export const limbs: readonly (readonly [KeypointName, KeypointName])[] = [
  ["left_ear", "left_eye"],
  ["left_eye", "nose"],
  ["nose", "right_eye"],
  ["right_eye", "right_ear"],
  ["left_shoulder", "right_shoulder"],
  ["left_shoulder", "left_elbow"],
  ["left_elbow", "left_wrist"],
  ["right_shoulder", "right_elbow"],
  ["right_elbow", "right_wrist"],
  ["left_shoulder", "left_hip"],
  ["right_shoulder", "right_hip"],
  ["left_hip", "right_hip"],
  ["left_hip", "left_knee"],
  ["left_knee", "left_ankle"],
  ["right_hip", "right_knee"],
  ["right_knee", "right_ankle"],
];
