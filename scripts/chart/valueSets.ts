import type { Map } from "../argocd/model.ts";

/** Values that users of the chart may have, by what is special about them; all of them are applied to a real API server, without effect. */
export const valueSets: Readonly<Record<string, Map>> = {
  "as it is": {},
  "a market that acts": { market: { mode: "full", limits: "tight", reserve: 0.1, requestMemory: "72h", overbook: 2 } },
  "all parts": {
    parts: { market: true, carla: true, batch: true, gpu: true, intents: true },
    batch: { evict: true, keda: { namespace: "autoscaling" } },
    carla: { apps: [{ name: "onco-app", r_i: 3, d_i: 2, risk: 1 }] },
  },
  "releases alone": { parts: { market: false, carla: true }, agent: { enabled: false }, controller: { replicas: 1 } },
  "batch slots alone, from Prometheus": {
    parts: { market: false, batch: true },
    agent: { enabled: false },
    batch: { prometheus: "http://prometheus.monitoring.svc:9090", threshold: 0.6, eligible: "pool=batch" },
    controller: { replicas: 1, pdb: { enabled: false } },
  },
  "GPUs by a runtime class": {
    parts: { market: false, gpu: true },
    gpu: { schedulerName: "mine", defragment: "move", webhook: { enabled: false } },
    agent: { nodeSelector: { "nvidia.com/gpu.present": "true" }, hostPaths: { podResources: "" } },
  },
  "intents with their files": {
    parts: { intents: true },
    intents: { config: { monitor: { interval: 10 } }, actuators: { scale_out: { max_proactive_scale_out: 3 } } },
  },
  "agents as root": { parts: { gpu: true }, agent: { security: { mode: "root", capabilities: ["SYS_PTRACE"] } } },
  "agents in a delegated group": { agent: { security: { mode: "delegated", group: 2000 }, maxUnavailable: 1 } },
  "a dashboard for some": {
    dashboard: { enabled: true, readers: [{ kind: "ServiceAccount", name: "wall", namespace: "office" }] },
  },
  "new pods sized": { market: { mode: "requests", sizeNewPods: true } },
  "certificates made by hand, and a configuration file": {
    tls: { issuer: "provided", secret: "own-tls", authorityConfigMap: "own-ca" },
    config: { "writes-per-second": 100, policies: [{ name: "databases", namespaces: ["db-*"], mode: "recommend" }] },
    guards: { enabled: false },
  },
  "cert-manager's certificates": { tls: { issuer: "certManager", certManager: { duration: "720h" } } },
  "another registry, watched and placed": {
    image: { registry: "registry.example.com/tools", pullPolicy: "Always", pullSecrets: [{ name: "pull" }] },
    controller: {
      image: { digest: `sha256:${"0".repeat(64)}` },
      replicas: 3,
      args: ["--writes-per-second=50"],
      env: [{ name: "TZ", value: "UTC" }],
      tolerations: [{ key: "infra", operator: "Exists" }],
      nodeSelector: { pool: "infra" },
      affinity: { nodeAffinity: {} },
      podLabels: { team: "platform" },
      podAnnotations: { "example.com/restarted": "never" },
      volumes: [{ name: "history", emptyDir: {} }],
      volumeMounts: [{ name: "history", mountPath: "/history" }],
      spread: "DoNotSchedule",
    },
    monitoring: {
      serviceMonitor: { enabled: true, labels: { release: "prometheus" } },
      rules: { enabled: true, runbookBase: "https://wiki.example.com/walras/" },
      dashboards: { enabled: true, folder: "Walras" },
    },
    crds: { install: false },
    networkPolicy: { scrapers: { "kubernetes.io/metadata.name": "monitoring" } },
  },
};
