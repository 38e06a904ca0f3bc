// School Data Sync in one resource group: read it from top to bottom.
targetScope = 'subscription'

import { appSettingsType } from 'modules/types.bicep'

@minLength(1)
@maxLength(24)
@description('Names the environment, and all that belongs to it.')
param environmentName string

@description('Region of all resources; it must offer Flex Consumption.')
@metadata({ azd: { type: 'location' } })
param location string

@description('small: up to 10,000 people. medium: up to 100,000. large: beyond.')
@allowed(['small', 'medium', 'large'])
param size string = 'small'

@description('Keeps storage of the host and the vault off the public network. Uploads stay reachable for those who have a URL.')
param privateNetworking bool = false

@description('Gets the alerts.')
param alertEmail string

@description('Settings of the app by name, as the README lists them. The identity, storage, vault and telemetry are set by this template.')
param appSettings appSettingsType

@description('After how many days what was uploaded, and not taken by a sync, is deleted.')
@minValue(1)
param uploadRetentionDays int = 7

// What a size means. An instance is of one scale group: http, durable, or the blob trigger. ZRS keeps copies in three zones.
var sizes = {
  small: {
    memoryMB: 2048
    maxInstances: 40
    alwaysReady: { http: 1, durable: 1 }
    storage: 'Standard_LRS'
    logDays: 30
    logCapGB: 1
  }
  medium: {
    memoryMB: 2048
    maxInstances: 100
    alwaysReady: { http: 1, durable: 2 }
    storage: 'Standard_ZRS'
    logDays: 90
    logCapGB: 5
  }
  large: {
    memoryMB: 4096
    maxInstances: 200
    alwaysReady: { http: 2, durable: 4 }
    storage: 'Standard_ZRS'
    logDays: 90
    logCapGB: 20
  }
}
var chosen = sizes[size]

var tags = { 'azd-env-name': environmentName }
var suffix = uniqueString(subscription().id, environmentName, location)
var names = {
  app: 'sds-${suffix}'
  plan: 'sds-plan-${suffix}'
  identity: 'sds-identity-${suffix}'
  hostStorage: 'sdshost${suffix}'
  rosterStorage: 'sdsroster${suffix}'
  vault: 'sds-${suffix}'
  workspace: 'sds-logs-${suffix}'
  insights: 'sds-insights-${suffix}'
  topic: 'sds-uploads-${suffix}'
  network: 'sds-network-${suffix}'
}

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: { name: names.identity, location: location, tags: tags }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    workspaceName: names.workspace
    insightsName: names.insights
    location: location
    tags: tags
    retentionDays: chosen.logDays
    dailyCapGB: chosen.logCapGB
  }
}

module network 'modules/network.bicep' = if (privateNetworking) {
  scope: group
  params: { name: names.network, location: location, tags: tags }
}

// Keys, leases, queues and histories of the Functions host and of Durable Functions, and the deployed package.
module hostStorage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: names.hostStorage
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    sku: chosen.storage
    containers: [deploymentContainer]
    isPublic: !privateNetworking
  }
}

// Rosters, profiles, runs, errors and the embedded directory.
module rosterStorage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: names.rosterStorage
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    sku: chosen.storage
    containers: ['rosters']
    // Clients upload to it, from wherever they are.
    isPublic: true
    uploadRetentionDays: uploadRetentionDays
    // The page uploads from the browser.
    corsOrigins: union(['https://${names.app}.azurewebsites.net'], publicOrigin)
  }
}

module vault 'modules/vault.bicep' = {
  scope: group
  params: {
    name: names.vault
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    isPublic: !privateNetworking
  }
}

module privateEndpoints 'modules/private-endpoints.bicep' = if (privateNetworking) {
  scope: group
  dependsOn: [hostStorage, rosterStorage, vault]
  params: {
    location: location
    tags: tags
    networkName: names.network
    subnetId: network!.outputs.endpointSubnetId
    targets: [
      { type: 'Microsoft.Storage/storageAccounts', name: names.hostStorage, services: ['blob', 'queue', 'table'] }
      { type: 'Microsoft.Storage/storageAccounts', name: names.rosterStorage, services: ['blob', 'queue', 'table'] }
      { type: 'Microsoft.KeyVault/vaults', name: names.vault, services: ['vault'] }
    ]
  }
}

// Before the app, so that its first start finds every door open.
module access 'modules/access.bicep' = {
  scope: group
  dependsOn: [identity, hostStorage, rosterStorage, vault, monitoring]
  params: {
    identityName: names.identity
    hostStorageName: names.hostStorage
    rosterStorageName: names.rosterStorage
    vaultName: names.vault
    insightsName: names.insights
  }
}

module app 'modules/function-app.bicep' = {
  scope: group
  dependsOn: [access, privateEndpoints]
  params: {
    name: names.app
    planName: names.plan
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    identity: { id: identity.outputs.id, clientId: identity.outputs.clientId }
    hostStorage: hostStorage.outputs.endpoints
    rosterStorage: rosterStorage.outputs.endpoints
    deploymentContainer: deploymentContainer
    vaultUri: vault.outputs.uri
    insightsName: names.insights
    memoryMB: chosen.memoryMB
    maxInstances: chosen.maxInstances
    alwaysReady: chosen.alwaysReady
    subnetId: privateNetworking ? network!.outputs.appSubnetId : ''
    appSettings: appSettings
  }
}

// The subscription to it is made after the code is deployed, since only then there is something to call.
module events 'modules/events.bicep' = {
  scope: group
  params: {
    name: names.topic
    location: location
    tags: tags
    storageId: rosterStorage.outputs.id
    workspaceId: monitoring.outputs.workspaceId
  }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    email: alertEmail
    workspaceId: monitoring.outputs.workspaceId
    storageIds: [hostStorage.outputs.id, rosterStorage.outputs.id]
  }
}

var deploymentContainer = 'app-package'
var publicUrl = appSettings.?PUBLIC_URL ?? ''
// Scheme and host, without a path.
var publicOrigin = empty(publicUrl) ? [] : [join(take(split(publicUrl, '/'), 3), '/')]

output AZURE_RESOURCE_GROUP string = group.name
output FUNCTION_APP_NAME string = names.app
output API_URL string = app.outputs.url
output EVENT_TOPIC_NAME string = names.topic
output IDENTITY_PRINCIPAL_ID string = identity.outputs.principalId
