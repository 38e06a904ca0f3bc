// Shapes that modules share.

@description('What an operator may set. An empty text is as not given.')
@export()
type appSettingsType = {
  @description('Client id of the app registration of this API.')
  AUTH_AUDIENCE: string
  @description('Tenants that may use it, separated by commas.')
  AUTH_TENANTS: string
  AUTH_AUTHORITY: string?
  AUTH_ADMIN_ROLES: string?
  PUBLIC_URL: string?
  RATE_LIMIT_PER_MINUTE: string?
  MAX_PROFILES: string?
  DIRECTORY: string?
  GRAPH_BASE_URL: string?
  GRAPH_STRATEGY: string?
  AUTO_START: string?
  QUIET_SECONDS: string?
  UPLOAD_SAS_PERMISSIONS: string?
  NOTIFY_PRIVATE: string?
  RETENTION_DAYS: string?
  UNDO_DAYS: string?
  MAX_ROWS_PER_FILE: string?
  MAX_FILE_MEGABYTES: string?
  OTEL_EXPORTER_OTLP_ENDPOINT: string?
  @description('If it is secret, a Key Vault reference: @Microsoft.KeyVault(SecretUri=...).')
  OTEL_EXPORTER_OTLP_HEADERS: string?
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: string?
}

@description('Where the services of a storage account are.')
@export()
type endpointsType = { blob: string, queue: string, table: string }
