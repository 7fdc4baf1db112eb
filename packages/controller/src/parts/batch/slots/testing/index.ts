export { jobsToCreate } from "./keda.ts";
export { defaultScaling } from "../../decide/scaling.ts";
