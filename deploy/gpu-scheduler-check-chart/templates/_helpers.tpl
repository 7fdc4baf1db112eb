{{- define "check.common" -}}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "check.labels" -}}
{{ include "check.selector" . }}
{{ include "check.common" . }}
{{- end }}

{{- define "check.selector" -}}
app.kubernetes.io/name: gpu-scheduler-check
{{- end }}

{{- define "verdict.labels" -}}
{{ include "verdict.selector" . }}
{{ include "check.common" . }}
{{- end }}

{{- define "verdict.selector" -}}
app.kubernetes.io/name: gpu-scheduler-check-verdict
{{- end }}

{{- define "check.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "check.podSecurity" -}}
runAsNonRoot: true
runAsUser: 60940
runAsGroup: 60940
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "check.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- /* One for each ordinal up to the map's highest. */}}
{{- define "check.replicas" -}}
{{- $replicas := int .Values.replicaCount }}
{{- if eq $replicas 0 }}
{{- range .Values.gpuScheduling.schedulingMap }}
{{- $replicas = max $replicas (add1 (int .podIndex)) }}
{{- end }}
{{- end }}
{{- $replicas }}
{{- end }}

{{- /* No pod has an index that stands twice. */}}
{{- define "check.refuseTwice" -}}
{{- $seen := dict }}
{{- range .Values.gpuScheduling.schedulingMap }}
{{- $index := toString (int .podIndex) }}
{{- if hasKey $seen $index }}
{{- fail (printf "gpuScheduling.schedulingMap.podIndex: %s stands twice" $index) }}
{{- end }}
{{- $_ := set $seen $index true }}
{{- end }}
{{- end }}
