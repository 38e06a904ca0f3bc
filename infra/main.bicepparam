// Values come from the environment, which azd fills from `azd env set NAME VALUE`.
using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param size = readEnvironmentVariable('SDS_SIZE', 'small')
param privateNetworking = bool(readEnvironmentVariable('SDS_PRIVATE_NETWORKING', 'false'))
param alertEmail = readEnvironmentVariable('SDS_ALERT_EMAIL')
param uploadRetentionDays = int(readEnvironmentVariable('SDS_UPLOAD_RETENTION_DAYS', '7'))

param appSettings = {
  AUTH_AUDIENCE: readEnvironmentVariable('AUTH_AUDIENCE')
  AUTH_TENANTS: readEnvironmentVariable('AUTH_TENANTS')
  AUTH_AUTHORITY: readEnvironmentVariable('AUTH_AUTHORITY', '')
  AUTH_ADMIN_ROLES: readEnvironmentVariable('AUTH_ADMIN_ROLES', '')
  PUBLIC_URL: readEnvironmentVariable('PUBLIC_URL', '')
  RATE_LIMIT_PER_MINUTE: readEnvironmentVariable('RATE_LIMIT_PER_MINUTE', '')
  MAX_PROFILES: readEnvironmentVariable('MAX_PROFILES', '')
  DIRECTORY: readEnvironmentVariable('DIRECTORY', '')
  GRAPH_BASE_URL: readEnvironmentVariable('GRAPH_BASE_URL', '')
  GRAPH_STRATEGY: readEnvironmentVariable('GRAPH_STRATEGY', '')
  AUTO_START: readEnvironmentVariable('AUTO_START', '')
  QUIET_SECONDS: readEnvironmentVariable('QUIET_SECONDS', '')
  UPLOAD_SAS_PERMISSIONS: readEnvironmentVariable('UPLOAD_SAS_PERMISSIONS', '')
  NOTIFY_PRIVATE: readEnvironmentVariable('NOTIFY_PRIVATE', '')
  RETENTION_DAYS: readEnvironmentVariable('RETENTION_DAYS', '')
  UNDO_DAYS: readEnvironmentVariable('UNDO_DAYS', '')
  MAX_ROWS_PER_FILE: readEnvironmentVariable('MAX_ROWS_PER_FILE', '')
  MAX_FILE_MEGABYTES: readEnvironmentVariable('MAX_FILE_MEGABYTES', '')
  OTEL_EXPORTER_OTLP_ENDPOINT: readEnvironmentVariable('OTEL_EXPORTER_OTLP_ENDPOINT', '')
  OTEL_EXPORTER_OTLP_HEADERS: readEnvironmentVariable('OTEL_EXPORTER_OTLP_HEADERS', '')
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: readEnvironmentVariable('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', '')
}
