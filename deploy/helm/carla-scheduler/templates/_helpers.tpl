{{- define "carla.labels" -}}
app.kubernetes.io/name: carla-scheduler
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "carla.selector" -}}
app.kubernetes.io/name: carla-scheduler
{{- end }}

{{- /* The shipped policy, what values say, and Argo CD's address. */}}
{{- define "carla.policy" -}}
{{- $shipped := .Files.Get "configs/carla_policy.yaml" | fromYaml }}
{{- $argo := dict "base_url" .Values.argo.baseUrl "verify_tls" .Values.argo.verifyTLS "app_namespace" .Values.argo.appNamespace "token_file" "/var/run/secrets/argocd/token" }}
{{- toYaml (mergeOverwrite $shipped (dict "argo" $argo) (deepCopy .Values.policy)) }}
{{- end }}
