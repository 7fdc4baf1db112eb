export { decide } from "./parts/market/decide/decide.ts";
