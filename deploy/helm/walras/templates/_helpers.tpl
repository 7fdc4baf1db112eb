{{- define "walras.common" -}}
app.kubernetes.io/part-of: walras
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- /* What selects pods is as in deploy/kustomize: a selector cannot be changed afterwards. */}}
{{- define "walras.controller.labels" -}}
app.kubernetes.io/name: walras-controller
app.kubernetes.io/component: controller
{{ include "walras.common" . }}
{{- end }}

{{- define "walras.agent.labels" -}}
app.kubernetes.io/name: walras-agent
app.kubernetes.io/component: agent
{{ include "walras.common" . }}
{{- end }}

{{- define "walras.parts" -}}
{{- $on := list }}
{{- range $name := list "market" "carla" "batch" "gpu" "intents" }}
{{- if index $.Values.parts $name }}{{ $on = append $on $name }}{{ end }}
{{- end }}
{{- if not $on }}{{ fail "parts: at least one must be true" }}{{ end }}
{{- join "," $on }}
{{- end }}

{{- /* What cannot work is refused before anything is applied. */}}
{{- define "walras.check" -}}
{{- if not .Values.agent.enabled }}
{{- range $name := list "market" "gpu" }}
{{- if index $.Values.parts $name }}{{ fail (printf "agent.enabled: parts.%s needs agents" $name) }}{{ end }}
{{- end }}
{{- if and .Values.parts.batch (not .Values.batch.prometheus) }}{{ fail "agent.enabled: parts.batch needs agents, or batch.prometheus" }}{{ end }}
{{- end }}
{{- if and .Values.agent.security.capabilities (ne .Values.agent.security.mode "root") }}{{ fail "agent.security.capabilities: only with agent.security.mode root" }}{{ end }}
{{- /* What is given twice is taken from the flag: a key of the file would have no effect. */}}
{{- range $arg := include "walras.controller.args" . | fromYamlArray }}
{{- $key := $arg | trimPrefix "--" | splitList "=" | first }}
{{- if hasKey $.Values.config $key }}{{ fail (printf "config.%s: the chart sets it as a flag; use its own value" $key) }}{{ end }}
{{- end }}
{{- if and .Values.market.sizeNewPods (not .Values.parts.market) }}{{ fail "market.sizeNewPods: needs parts.market" }}{{ end }}
{{- end }}

{{- define "walras.image" -}}
{{- $name := .image.repository }}
{{- with .root.Values.image.registry }}{{ $name = printf "%s/%s" (trimSuffix "/" .) $name }}{{ end }}
{{- if .image.digest }}{{ printf "%s@%s" $name .image.digest }}{{ else }}{{ printf "%s:%s" $name (.image.tag | default .root.Chart.AppVersion) }}{{ end }}
{{- end }}

{{- /* Rights of one part, from files/roles.yaml: the same as without a chart. cert-manager's Secret is only mounted. */}}
{{- define "walras.rules" -}}
{{- $rules := list }}
{{- range index (.root.Files.Get "files/roles.yaml" | fromYaml) .part }}
{{- if not (and (eq $.part "identity") (eq $.root.Values.tls.issuer "certManager") (has "secrets" .resources)) }}{{ $rules = append $rules . }}{{ end }}
{{- end }}
{{- toYaml $rules }}
{{- end }}

{{- define "walras.restricted" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}
