// For who looks at autoscalers without a controller.
export { toHorizontalState } from "./horizontal.ts";
export { toVerticalState } from "./vertical.ts";
