// What an operator wants to hear of. One entry an alert; docs/operate.md says what to do about each.
param location string
param tags object
param email string
param workspaceId string
@description('The storage accounts whose throttling is watched.')
param storageIds string[]

// Severity: 1 data may not arrive, 2 somebody should look today.
var logAlerts = [
  {
    name: 'failed-runs'
    title: 'A sync could not go on'
    severity: 1
    minutes: 60
    query: 'AppEvents | where Name == "sds.run.finished" and tostring(Properties["sds.run.outcome"]) == "failed"'
  }
  {
    name: 'waiting-holds'
    title: 'A profile is quarantined'
    severity: 1
    minutes: 120
    query: 'AppMetrics | where Name == "sds.profiles" and tostring(Properties["sds.profile.status"]) == "quarantined" and Sum > 0'
  }
  {
    name: 'overdue-profiles'
    title: 'A profile has not synced for two days'
    severity: 2
    minutes: 120
    query: 'AppMetrics | where Name == "sds.profiles.overdue" and Sum > 0'
  }
  {
    name: 'expiring-profiles'
    title: 'A profile will cease to sync within 14 days'
    severity: 2
    minutes: 120
    query: 'AppMetrics | where Name == "sds.profiles.expiring" and Sum > 0'
  }
  {
    name: 'poison-messages'
    title: 'An event of an upload could not be worked on'
    severity: 1
    minutes: 15
    query: 'StorageQueueLogs | where OperationName == "PutMessage" and Uri contains "-poison"'
  }
  {
    name: 'failing-requests'
    title: 'Requests fail'
    severity: 2
    minutes: 15
    query: 'AppRequests | where toint(ResultCode) >= 500 | summarize failed = sum(ItemCount) by bin(TimeGenerated, 15m) | where failed >= 10'
  }
  {
    name: 'failing-steps'
    title: 'Steps of a sync fail'
    severity: 1
    minutes: 60
    query: 'AppRequests | where isempty(ResultCode) or ResultCode == "0" | where Success == false | summarize failed = sum(ItemCount) by bin(TimeGenerated, 1h) | where failed >= 5'
  }
  {
    name: 'undelivered-events'
    title: 'Event Grid cannot deliver events of uploads'
    severity: 1
    minutes: 60
    query: 'AegDeliveryFailureLogs | take 1'
  }
]

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'sds-operators'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'sds'
    emailReceivers: [{ name: 'operators', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource logRules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in logAlerts: {
    name: 'sds-${alert.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'School Data Sync: ${alert.title}'
      enabled: true
      severity: alert.severity
      scopes: [workspaceId]
      evaluationFrequency: 'PT15M'
      windowSize: 'PT${alert.minutes}M'
      criteria: {
        allOf: [
          { query: alert.query, timeAggregation: 'Count', operator: 'GreaterThan', threshold: 0 }
        ]
      }
      autoMitigate: true
      // A table that no telemetry has come to yet is not there.
      skipQueryValidation: true
      actions: { actionGroups: [operators.id] }
    }
  }
]

resource throttling 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for (id, at) in storageIds: {
    name: 'sds-storage-throttling-${at}'
    location: 'global'
    tags: tags
    properties: {
      description: 'School Data Sync: storage refuses requests because there are too many'
      enabled: true
      severity: 2
      scopes: [id]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: 'throttled'
            metricName: 'Transactions'
            dimensions: [
              { name: 'ResponseType', operator: 'Include', values: ['ClientThrottlingError', 'ServerBusyError'] }
            ]
            operator: 'GreaterThan'
            threshold: 100
            timeAggregation: 'Total'
          }
        ]
      }
      actions: [{ actionGroupId: operators.id }]
    }
  }
]
