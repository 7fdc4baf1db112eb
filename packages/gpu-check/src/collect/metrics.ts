import { type Report, states } from "../verdict/report.ts";

/** The verdict for Prometheus. `ageSeconds` null: there is none yet, and nothing is said of it. */
export function metricsText(report: Report | null, ageSeconds: number | null): string {
  if (report === null || ageSeconds === null) return "";
  const counts = states.map((state) => {
    const count = report.rows.filter((row) => row.state === state).length;
    return `walras_gpu_check_pods{state="${state}"} ${count}`;
  });
  const pods = report.rows.map(
    ({ podIndex, state }) => `walras_gpu_check_ok{pod_index="${podIndex}"} ${state === "ok" ? 1 : 0}`,
  );
  return [
    ...family("walras_gpu_check_green", "1 while each pod of the map has what it should have, alone"),
    `walras_gpu_check_green ${report.green ? 1 : 0}`,
    ...family("walras_gpu_check_pods", "Pods of the map by verdict"),
    ...counts,
    ...family("walras_gpu_check_ok", "1 while the pod has what it should have, alone"),
    ...pods,
    ...family("walras_gpu_check_age_seconds", "Since the verdict"),
    `walras_gpu_check_age_seconds ${ageSeconds}`,
    "",
  ].join("\n");
}

function family(name: string, help: string): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`];
}
