export * from "./gen/walras/agent/v1/agent.ts";
