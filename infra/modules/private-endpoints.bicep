// A private address for each service of each target, and the names that lead there.
param location string
param tags object
param networkName string
param subnetId string
param targets targetType[]

type targetType = { type: string, name: string, services: ('blob' | 'queue' | 'table' | 'vault')[] }

var zoneNames = {
  blob: 'privatelink.blob.${environment().suffixes.storage}'
  queue: 'privatelink.queue.${environment().suffixes.storage}'
  table: 'privatelink.table.${environment().suffixes.storage}'
  // Its zone has a name of its own, other than the suffix of the vaults.
  vault: 'privatelink.vaultcore.azure.net'
}

var endpoints = flatten(map(targets, target => map(target.services, service => { target: target, service: service })))

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' existing = { name: networkName }

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zone in items(zoneNames): { name: zone.value, location: 'global', tags: tags }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zone, at) in items(zoneNames): {
    parent: zones[at]
    name: networkName
    location: 'global'
    properties: { registrationEnabled: false, virtualNetwork: { id: network.id } }
  }
]

resource privateEndpoints 'Microsoft.Network/privateEndpoints@2024-05-01' = [
  for each in endpoints: {
    name: '${each.target.name}-${each.service}'
    location: location
    tags: tags
    properties: {
      subnet: { id: subnetId }
      privateLinkServiceConnections: [
        {
          name: each.service
          properties: { privateLinkServiceId: resourceId(each.target.type, each.target.name), groupIds: [each.service] }
        }
      ]
    }
  }
]

resource zoneGroups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = [
  for (each, at) in endpoints: {
    parent: privateEndpoints[at]
    name: 'default'
    dependsOn: [links]
    properties: {
      privateDnsZoneConfigs: [
        {
          name: each.service
          properties: { privateDnsZoneId: resourceId('Microsoft.Network/privateDnsZones', zoneNames[each.service]) }
        }
      ]
    }
  }
]
