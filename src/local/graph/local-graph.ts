import { type GraphServer, startGraphServer } from './graph-server.ts';

/** Domains that the commands use unless others are named. */
const verifiedDomains = ['students.example.org', 'teachers.example.org', 'example.org', 'contoso.example'];

/** Invented ids; the part numbers are those of the licences that schools have most often. */
const skus = ['STANDARDWOFFPACK_STUDENT', 'STANDARDWOFFPACK_FACULTY'].map((skuPartNumber, at) => ({
	skuId: `00000000-0000-4000-8000-00000000000${at + 1}`,
	skuPartNumber,
	enabled: 1_000_000,
}));

/** A Microsoft Graph whose directory is kept in a table of the host's storage. Its quotas are the documented ones. */
export const startLocalGraph = (connectionString: string): Promise<GraphServer> =>
	startGraphServer({ tenant: { verifiedDomains, skus }, storage: { connectionString, tableName: 'LocalGraph' } });
