// Everything that the app's identity may do, each with its reason. What is not here it may not.
param identityName string
param hostStorageName string
param rosterStorageName string
param vaultName string
param insightsName string

// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
var roles = {
  // Read, write and delete containers and blobs; ask for user delegation keys.
  storageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  // Read, write and delete queues and messages.
  storageQueueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  // Read, write and delete tables and entities.
  storageTableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
  // Set, read, delete and recover secrets.
  keyVaultSecretsOfficer: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'
  // Send telemetry.
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = { name: identityName }
resource hostStorage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = { name: hostStorageName }
resource rosterStorage 'Microsoft.Storage/storageAccounts@2024-01-01' existing = { name: rosterStorageName }
resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = { name: vaultName }
resource insights 'Microsoft.Insights/components@2020-02-02' existing = { name: insightsName }

var onHostStorage = [
  {
    role: roles.storageBlobDataOwner
    why: 'The host keeps keys, leases and large messages there, and starts from the package there.'
  }
  { role: roles.storageQueueDataContributor, why: 'Durable Functions sends its work through queues.' }
  { role: roles.storageTableDataContributor, why: 'Durable Functions keeps its histories in tables.' }
]

var onRosterStorage = [
  {
    role: roles.storageBlobDataOwner
    why: 'Containers and files of uploads and runs; keys that sign upload URLs; the blob trigger asks for this very role.'
  }
  {
    role: roles.storageQueueDataContributor
    why: 'The blob trigger keeps events, and those that failed too often, in queues.'
  }
  { role: roles.storageTableDataContributor, why: 'Profiles, runs, errors and the embedded directory.' }
]

resource hostStorageRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in onHostStorage: {
    scope: hostStorage
    name: guid(hostStorage.id, identity.id, each.role)
    properties: assignmentOf(identity.properties.principalId, each.role, each.why)
  }
]

resource rosterStorageRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for each in onRosterStorage: {
    scope: rosterStorage
    name: guid(rosterStorage.id, identity.id, each.role)
    properties: assignmentOf(identity.properties.principalId, each.role, each.why)
  }
]

resource vaultRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, identity.id, roles.keyVaultSecretsOfficer)
  properties: assignmentOf(
    identity.properties.principalId,
    roles.keyVaultSecretsOfficer,
    'Client secrets of providers are put, used and deleted.'
  )
}

resource insightsRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, identity.id, roles.monitoringMetricsPublisher)
  properties: assignmentOf(
    identity.properties.principalId,
    roles.monitoringMetricsPublisher,
    'The host sends telemetry; keys are off there.'
  )
}

func assignmentOf(principalId string, role string, why string) object => {
  principalId: principalId
  principalType: 'ServicePrincipal'
  roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
  description: why
}
