export { decide } from "./market/decide.ts";
