import { describe, expect, it } from "vitest";

import { readActuators } from "./actuators.ts";
import { readPlannerConfig } from "./planner.ts";

/** `defaults.json` as the prototype's manifest ships it. */
const shipped = {
  generic: { mongo_endpoint: "mongodb://planner-mongodb-service:27017/" },
  controller: {
    workers: 4,
    task_channel_length: 100,
    informer_timeout: 30,
    controller_timeout: 45,
    plan_cache_ttl: 45000,
    plan_cache_timeout: 5000,
    telemetry_endpoint: "http://prometheus-service.telemetry:9090/api/v1/query",
    host_field: "exported_instance",
    metrics: [{ name: "cpu_value", query: 'avg(collectd_cpu_percent{exported_instance=~"%s"})by(exported_instance)' }],
  },
  monitor: {
    pod: { workers: 2 },
    profile: { workers: 2, queries: "/queries/default_queries.json" },
    intent: { workers: 2 },
  },
  planner: {
    astar: {
      opportunistic_candidates: 0,
      max_states: 2000,
      max_candidates: 10,
      plugin_manager_endpoint: "plugin-manager-service",
      plugin_manager_port: 33333,
    },
  },
};

const read = (input: unknown, cpus = 2): ReturnType<typeof readPlannerConfig> =>
  readPlannerConfig(input, "defaults.json", cpus);

describe("defaults.json", () => {
  it("is read as the manifest ships it, on a machine of two cores too", () => {
    const { config, warnings } = read(shipped);
    expect(config).toMatchObject(shipped);
    expect(warnings).toEqual([]);
  });

  it("has the prototype's defaults where it says nothing, and ours for what is ours", () => {
    const { controller, planner } = read({}).config;
    expect(controller).toMatchObject({ workers: 2, task_channel_length: 100, plan_cache_ttl: 45_000 });
    expect(planner.astar).toMatchObject({ max_states: 2_000, max_candidates: 10, time_budget: 1_000 });
    expect(planner.stability).toEqual({
      hysteresis: 0.05,
      deviations: 3,
      shrink_cool_down: 90,
      stabilisation: 120,
      stale_after: 90,
    });
  });

  it.each([
    [{ controller: { workers: 0 } }, "controller.workers: 0"],
    [{ controller: { workers: 9 } }, "controller.workers: 9"],
    [{ controller: { task_channel_length: 10_001 } }, "controller.task_channel_length: 10001"],
    [{ controller: { informer_timeout: 301 } }, "controller.informer_timeout: 301"],
    [{ controller: { controller_timeout: 0 } }, "controller.controller_timeout: 0"],
    [{ controller: { plan_cache_ttl: 500_001 } }, "controller.plan_cache_ttl: 500001"],
    [{ controller: { plan_cache_timeout: 50_001 } }, "controller.plan_cache_timeout: 50001"],
    [
      { controller: { telemetry_endpoint: "nowhere" } },
      'controller.telemetry_endpoint: "nowhere" is not valid (is not a URI',
    ],
    [{ controller: { host_field: "x".repeat(101) } }, "controller.host_field"],
    [{ generic: { mongo_endpoint: "" } }, "generic.mongo_endpoint"],
    [{ monitor: { intent: { workers: -1 } } }, "monitor.intent.workers: -1"],
    [{ planner: { astar: { opportunistic_candidates: 1_001 } } }, "planner.astar.opportunistic_candidates: 1001"],
    [{ planner: { astar: { plugin_manager_port: 65_536 } } }, "planner.astar.plugin_manager_port: 65536"],
    [{ planner: { astar: { max_states: 1.5 } } }, "planner.astar.max_states: 1.5"],
    [{ planner: { stability: { hysteresis: 0.6 } } }, "planner.stability.hysteresis: 0.6"],
    [[], "defaults.json: []"],
  ])("refuses %j, naming field and value", (input, named) => {
    expect(() => read(input)).toThrow(named);
  });

  it("takes as many workers as there are cores", () => {
    expect(read({ controller: { workers: 16 } }, 16).config.controller.workers).toBe(16);
  });

  it("warns of keys that nobody knows", () => {
    const { warnings } = read({ planner: { astar: { max_state: 1 } }, controler: {} });
    expect(warnings).toEqual([
      "defaults.json: planner.astar.max_state is not known",
      "defaults.json: controler is not known",
    ]);
  });
});

describe("the plugins' configurations", () => {
  it("have the prototype's defaults; cache classes and power profiles are off", () => {
    const { config } = readActuators({}, "S.actuators");
    expect(config.scaleOut).toMatchObject({ max_pods: 128, max_proactive_scale_out: 0, look_back: 20 });
    expect(config.scaleCPU).toMatchObject({ cpu_max: 4_000, cpu_rounding: 100, cpu_safeguard_factor: 0.95 });
    expect(config.configureRDT).toBeUndefined();
    expect(config.setPowerProfile).toBeUndefined();
  });

  it.each([
    [{ scaleOut: { max_pods: 129 } }, "S.scaleOut.max_pods: 129"],
    [{ scaleOut: { max_pods: 4, max_proactive_scale_out: 5 } }, "S.scaleOut.max_proactive_scale_out: 5"],
    [{ rmPod: { min_pods: 0 } }, "S.rmPod.min_pods: 0"],
    [{ rmPod: { look_back: 10_081 } }, "S.rmPod.look_back: 10081"],
    [{ scaleCPU: { cpu_rounding: 15 } }, "S.scaleCPU.cpu_rounding: 15"],
    [{ scaleCPU: { cpu_safeguard_factor: 0 } }, "S.scaleCPU.cpu_safeguard_factor: 0"],
    [{ scaleCPU: { cpu_max: 1_000, max_proactive_cpu: 2_000 } }, "S.scaleCPU.max_proactive_cpu: 2000"],
    [{ configureRDT: {} }, "S.configureRDT.annotation_name"],
    [{ setPowerProfile: { options: ["None", "p"], step_down: 2 } }, "S.setPowerProfile.step_down: 2"],
  ])("refuses %j, naming field and value", (input, named) => {
    expect(() => readActuators(input, "S")).toThrow(named);
  });
});
