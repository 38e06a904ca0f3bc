/** The process that storage.test.ts kills: a server over the storage of the arguments (connection string, table name). */
import { startGraphServer } from '../../../../src/local/graph/graph-server.ts';

const [connectionString = '', tableName = ''] = process.argv.slice(2);
const { url } = await startGraphServer({ storage: { connectionString, tableName }, quotas: 'none' });
process.stdout.write(`${url}\n`);
