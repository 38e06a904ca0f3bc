// A storage account that is opened by Entra tokens alone.
import { endpointsType } from 'types.bicep'

@maxLength(24)
param name string
param location string
param tags object
param workspaceId string
param sku string
param containers string[]
@description('Whether it can be reached from outside the private network.')
param isPublic bool
@description('Deletes what lies in upload containers for so long; 0 deletes nothing.')
param uploadRetentionDays int = 0
param corsOrigins string[] = []

// Upload containers are named by the id of their profile, which begins with a hexadecimal digit, as `rosters` does not. A rule takes
// ten prefixes at most.
var uploadPrefixes = [
  ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']
  ['a', 'b', 'c', 'd', 'e', 'f']
]

// Deleted data can be restored for a week, and is gone then.
var restorable = { enabled: true, days: 7 }

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    publicNetworkAccess: isPublic ? 'Enabled' : 'Disabled'
    networkAcls: { defaultAction: isPublic ? 'Allow' : 'Deny', bypass: 'AzureServices' }
    supportsHttpsTrafficOnly: true
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      deleteRetentionPolicy: restorable
      containerDeleteRetentionPolicy: restorable
      cors: {
        corsRules: empty(corsOrigins)
          ? []
          : [
              {
                allowedOrigins: corsOrigins
                allowedMethods: ['PUT', 'OPTIONS']
                allowedHeaders: ['content-type', 'x-ms-*']
                exposedHeaders: ['x-ms-request-id']
                maxAgeInSeconds: 3600
              }
            ]
      }
    }

    resource container 'containers' = [for container in containers: { name: container }]
  }

  resource queues 'queueServices' = { name: 'default' }

  resource tables 'tableServices' = { name: 'default' }

  resource lifecycle 'managementPolicies' = if (uploadRetentionDays > 0) {
    name: 'default'
    dependsOn: [blobs]
    properties: {
      policy: {
        rules: [
          for (prefixes, at) in uploadPrefixes: {
            name: 'delete-old-uploads-${at}'
            enabled: true
            type: 'Lifecycle'
            definition: {
              filters: { blobTypes: ['blockBlob', 'appendBlob'], prefixMatch: prefixes }
              actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: uploadRetentionDays } } }
            }
          }
        ]
      }
    }
  }
}

resource blobLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: account::blobs
  name: 'to-workspace'
  properties: loggedTo
}

resource queueLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: account::queues
  name: 'to-workspace'
  properties: union(loggedTo, { logs: [{ category: 'StorageWrite', enabled: true }] })
}

resource tableLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: account::tables
  name: 'to-workspace'
  properties: loggedTo
}

// Who deleted what. Reads and writes are most of all traffic and stay out, but for what is put into queues: an alert looks there for
// poison messages.
var loggedTo = {
  workspaceId: workspaceId
  logs: [{ category: 'StorageDelete', enabled: true }]
  metrics: [{ category: 'Transaction', enabled: true }]
}

output id string = account.id
output endpoints endpointsType = {
  blob: account.properties.primaryEndpoints.blob
  queue: account.properties.primaryEndpoints.queue
  table: account.properties.primaryEndpoints.table
}
