{{- define "walras.controller.args" -}}
- --parts={{ include "walras.parts" . }}
- --namespace=$(POD_NAMESPACE)
- --identity=$(POD_NAME)
# The same whichever parts are on: a part by itself would have others.
- --lease-name=walras-controller
- --ops-port=9090
- --log-format=json
- --log-level={{ .Values.controller.logLevel }}
{{- if .Values.agent.enabled }}
- --agent-address=0.0.0.0:8443
{{- if eq .Values.tls.issuer "self" }}
- --tls-issue=self
{{- else }}
- --tls-cert=/tls/tls.crt
- --tls-key=/tls/tls.key
{{- if eq .Values.tls.issuer "certManager" }}
- --tls-ca=/tls/ca.crt
{{- end }}
{{- end }}
{{- end }}
{{- if .Values.dashboard.enabled }}
- --dashboard=kubernetes
{{- end }}
{{- if .Values.config }}
- --config=/etc/walras/config.yaml
{{- end }}
{{- if .Values.parts.market }}
# YAML 1.1, which helm reads, takes a bare off for false.
- --mode={{ .Values.market.mode | default "off" }}
- --limits={{ .Values.market.limits }}
- --reserve={{ .Values.market.reserve }}
- --request-memory={{ .Values.market.requestMemory }}
- --overbook={{ .Values.market.overbook }}
{{- if .Values.market.sizeNewPods }}
- --size-new-pods
{{- end }}
{{- end }}
{{- if .Values.parts.batch }}
- --batch-threshold={{ .Values.batch.threshold }}
- --batch-eligible={{ .Values.batch.eligible }}
{{- with .Values.batch.prometheus }}
- --batch-prometheus={{ . }}
{{- end }}
{{- if .Values.batch.evict }}
- --batch-evict
{{- end }}
{{- end }}
{{- if .Values.parts.gpu }}
- --gpu-scheduler-name={{ .Values.gpu.schedulerName }}
- --gpu-defragment={{ .Values.gpu.defragment | default "off" }}
{{- if .Values.gpu.webhook.enabled }}
- --gpu-webhook-address=0.0.0.0:9443
{{- end }}
{{- end }}
{{- end }}

{{- define "walras.webhook" -}}
{{- if and .Values.parts.gpu .Values.gpu.webhook.enabled }}true{{ end }}
{{- end }}

{{- define "walras.tls.mounted" -}}
{{- if and .Values.agent.enabled (ne .Values.tls.issuer "self") }}true{{ end }}
{{- end }}

{{- define "walras.controller.mounts" -}}
{{- if include "walras.tls.mounted" . }}
- name: tls
  mountPath: /tls
  readOnly: true
{{- end }}
{{- if .Values.config }}
- name: config
  mountPath: /etc/walras
  readOnly: true
{{- end }}
{{- if .Values.parts.carla }}
- name: carla
  mountPath: /app/configs
  readOnly: true
- name: carla-token
  mountPath: /var/run/secrets/argocd
  readOnly: true
- name: carla-data
  mountPath: /data
{{- end }}
{{- if and .Values.parts.intents .Values.intents.config }}
- name: intents
  mountPath: /config
  readOnly: true
{{- end }}
{{- if and .Values.parts.intents .Values.intents.actuators }}
- name: actuators
  mountPath: /actuators
  readOnly: true
{{- end }}
{{- with .Values.controller.volumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "walras.controller.volumes" -}}
{{- if include "walras.tls.mounted" . }}
- name: tls
  secret:
    secretName: {{ .Values.tls.secret }}
{{- end }}
{{- if .Values.config }}
- name: config
  configMap:
    name: walras-config
{{- end }}
{{- if .Values.parts.carla }}
- name: carla
  configMap:
    name: walras-carla
- name: carla-token
  secret:
    secretName: {{ .Values.carla.tokenSecret }}
    items:
      - key: {{ .Values.carla.tokenKey }}
        path: token
# What is lost with the pod is the log of releases: see deploy/carla/scheduler.yaml.
- name: carla-data
  emptyDir: {}
{{- end }}
{{- if and .Values.parts.intents .Values.intents.config }}
- name: intents
  configMap:
    name: walras-intents
{{- end }}
{{- if and .Values.parts.intents .Values.intents.actuators }}
- name: actuators
  configMap:
    name: walras-intents-actuators
{{- end }}
{{- with .Values.controller.volumes }}
{{ toYaml . }}
{{- end }}
{{- end }}
