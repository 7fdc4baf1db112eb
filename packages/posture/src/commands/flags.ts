/** The options as they are typed. */
export interface PostureFlags {
  readonly namespace: string;
  readonly jobs: string;
  readonly image: string;
  readonly scalerAddress: string;
  readonly broker: string;
  readonly copies: string;
  readonly memory: string;
  readonly demand: readonly string[];
}

const loops = 10;
const copiesStep = 100;

export const defaultFlags: PostureFlags = {
  namespace: "posture",
  jobs: "10",
  image: "walras-posture:0.1.0",
  scalerAddress: "posture-external-scaler.posture.svc.cluster.local:8080",
  broker: "mosquitto.posture.svc:1883",
  copies: Array.from({ length: loops }, (_, loop) => (loop + 1) * copiesStep).join(","),
  memory: "512Mi",
  demand: [],
};
