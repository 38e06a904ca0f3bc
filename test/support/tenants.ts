/** Tenants that may use the service; nothing of one may ever reach the other. */
export const ownTenant = '11111111-1111-4111-8111-111111111111';
export const otherTenant = '22222222-2222-4222-8222-222222222222';
