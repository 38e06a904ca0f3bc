// The app itself, on Flex Consumption with Node 22.
import { appSettingsType, endpointsType } from 'types.bicep'

param name string
param planName string
param location string
param tags object
param workspaceId string
param identity { id: string, clientId: string }
param hostStorage endpointsType
param rosterStorage endpointsType
param deploymentContainer string
param vaultUri string
param insightsName string
param memoryMB int
param maxInstances int
param alwaysReady { http: int, durable: int }
@description('Empty: the app is in no network of yours.')
param subnetId string
param appSettings appSettingsType

// Storage of the host by identity: https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity
var hostConnection = {
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identity.clientId
  AzureWebJobsStorage__blobServiceUri: hostStorage.blob
  AzureWebJobsStorage__queueServiceUri: hostStorage.queue
  AzureWebJobsStorage__tableServiceUri: hostStorage.table
}

// Read by the app and, the queue too, by its blob trigger.
var rosterConnection = {
  ROSTER_STORAGE__credential: 'managedidentity'
  ROSTER_STORAGE__clientId: identity.clientId
  ROSTER_STORAGE__blobServiceUri: rosterStorage.blob
  ROSTER_STORAGE__queueServiceUri: rosterStorage.queue
  ROSTER_STORAGE__tableServiceUri: rosterStorage.table
}

var telemetry = {
  APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.clientId};Authorization=AAD'
  // The package that sends it counts its own requests for Microsoft otherwise.
  APPLICATION_INSIGHTS_NO_STATSBEAT: 'true'
}

var settings = union(hostConnection, rosterConnection, telemetry, { KEY_VAULT_URI: vaultUri }, appSettings)

resource insights 'Microsoft.Insights/components@2020-02-02' existing = { name: insightsName }

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identity.id}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identity.id
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${hostStorage.blob}${deploymentContainer}'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id }
        }
      }
      runtime: { name: 'node', version: '22' }
      scaleAndConcurrency: {
        instanceMemoryMB: memoryMB
        maximumInstanceCount: maxInstances
        alwaysReady: [
          { name: 'http', instanceCount: alwaysReady.http }
          { name: 'durable', instanceCount: alwaysReady.durable }
        ]
      }
    }
    siteConfig: {
      ftpsState: 'Disabled'
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
      appSettings: map(items(settings), setting => { name: setting.key, value: setting.value ?? '' })
    }
  }

  // Deployments come with an Entra token, never with a publishing password.
  resource ftp 'basicPublishingCredentialsPolicies' = { name: 'ftp', properties: { allow: false } }
  resource scm 'basicPublishingCredentialsPolicies' = { name: 'scm', properties: { allow: false } }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: app
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    // What the functions say arrives by Application Insights.
    logs: [{ category: 'AppServiceAuthenticationLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output url string = 'https://${app.properties.defaultHostName}'
