{{- define "baton.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "baton.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "baton.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "baton.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* Of objects that belong to no namespace: two releases of one name may be in two namespaces. */}}
{{- define "baton.clusterName" -}}
{{- if eq .Release.Namespace "baton-system" }}{{ include "baton.fullname" . }}
{{- else }}{{ printf "%s-%s" .Release.Namespace (include "baton.fullname" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "baton.selectorLabels" -}}
app.kubernetes.io/name: {{ include "baton.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "baton.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "baton.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: controller
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "baton.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}{{ default (include "baton.fullname" .) .Values.serviceAccount.name }}
{{- else }}{{ default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "baton.image" -}}
{{- with .Values.image }}
{{- if .digest }}{{ .repository }}@{{ .digest }}
{{- else }}{{ .repository }}:{{ default $.Chart.AppVersion .tag }}
{{- end }}
{{- end }}
{{- end }}

{{- define "baton.tlsSecret" -}}
{{- if .Values.api.tls.certManager.enabled }}{{ include "baton.fullname" . }}-api-tls
{{- else }}{{ .Values.api.tls.secretName }}
{{- end }}
{{- end }}

{{/* The Lease by which replicas agree has one name for all: two releases in one namespace would be one Baton. */}}
{{- define "baton.subjects" -}}
- kind: ServiceAccount
  name: {{ include "baton.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end }}

{{/* What the schema can't say. */}}
{{- define "baton.check" -}}
{{- if .Values.api.enabled }}
{{- if not .Values.api.credentials.secretName }}
{{- fail "api.credentials.secretName is needed with api.enabled: the Secret that says who may call the REST API (docs/rest.md)" }}
{{- end }}
{{- if not (include "baton.tlsSecret" .) }}
{{- fail "api.tls.secretName or api.tls.certManager.enabled is needed with api.enabled: the REST API is served over TLS only" }}
{{- end }}
{{- if and .Values.api.tls.secretName .Values.api.tls.certManager.enabled }}
{{- fail "api.tls.secretName and api.tls.certManager.enabled: only one of the two" }}
{{- end }}
{{- if and .Values.api.tls.certManager.enabled (not .Values.api.tls.certManager.issuerRef.name) }}
{{- fail "api.tls.certManager.issuerRef.name is needed with api.tls.certManager.enabled" }}
{{- end }}
{{- end }}
{{- end }}

{{/* A ClusterRoleBinding of Baton's account to the ClusterRole of that name. */}}
{{- define "baton.clusterBinding" }}
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ .name }}
  labels: {{- include "baton.labels" .top | nindent 4 }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{ .name }}}
subjects: {{- include "baton.subjects" .top | nindent 0 }}
{{- end }}
