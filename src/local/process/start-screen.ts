import type { Host } from '../host.ts';

const apiPath = '/beta/education/synchronizationProfiles';

/** What a developer needs first: addresses, a token, and a first call, ready to be copied. */
export function startScreen({ url, authority, tenantId, audience, storage }: Host, dataNote: string): string {
	return `
  School Data Sync is running on this machine.

  API       ${url}${apiPath}
  Blobs     ${storage.blobUrl}
  Tables    ${storage.tableUrl}
  Queues    ${storage.queueUrl}
  Data      ${dataNote}
${lossNotice(storage.losses)}
  A token (client_id "reader" gives one that may only read):

    TOKEN=$(curl -s ${authority}/${tenantId}/oauth2/v2.0/token \\
      -d grant_type=client_credentials -d client_id=me -d client_secret=any \\
      -d scope=api://${audience}/.default | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')

  A call:

    curl -s -H "Authorization: Bearer $TOKEN" ${url}${apiPath}

  Ctrl-C stops everything.
`;
}

function lossNotice(losses: readonly string[]): string {
	if (losses.length === 0) return '';
	return `
  Something may be lost.

${losses.map((loss) => `  ${loss}\n`).join('')}
  Syncs that were under way end as failed. To make certain, reset each profile (POST …/{id}/reset): it writes its last
  accepted files to the directory anew, and removes nobody. This is said until the next clean stop.
`;
}

/** What `--ready-json` prints: one line. */
export function readyLine(host: Host): string {
	const { url, authority, tenantId, audience, storage } = host;
	const { connectionString, pid: azuritePid, losses } = storage;
	return JSON.stringify({ url, authority, tenantId, audience, connectionString, azuritePid, losses, pid: process.pid });
}
