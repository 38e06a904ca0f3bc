import { type GraphClient, type Json, poll, profilesPath } from './requests/graph-client.ts';

/** The steps of a roster's way into the directory, each as a client would take it. */

export const creationProfile = {
	displayName: 'Contoso District',
	dataProvider: { '@odata.type': '#microsoft.graph.educationCsvDataProvider' },
	identitySynchronizationConfiguration: {
		'@odata.type': '#microsoft.graph.educationIdentityCreationConfiguration',
		userDomains: [
			{ appliesTo: 'student', name: 'students.example.org' },
			{ appliesTo: 'teacher', name: 'example.org' },
		],
	},
	licensesToAssign: [{ appliesTo: 'teacher', skuIds: ['6fd2c87f-b296-42f0-b197-1e91e994b900'] }],
};

/** Creates a profile and waits until it can be used; answers its path. */
export async function createProfile(client: GraphClient, definition: Json = creationProfile): Promise<string> {
	const created = await client.send('POST', profilesPath, definition);
	if (created.status !== 202) throw new Error(`Creating a profile answered ${created.status}: ${created.text}`);
	const path = `${profilesPath}/${created.body.id}`;
	await poll(
		() => client.get(path),
		({ body }) => body.state === 'provisioned',
	);
	return path;
}

export type RosterFiles = Readonly<Record<string, string | Uint8Array>>;

/** Six plain PUTs, or as many as there are files. */
export async function uploadFiles(client: GraphClient, profile: string, files: RosterFiles): Promise<void> {
	const { body } = await client.get(`${profile}/uploadUrl`);
	const [container, sas] = String(body.value).split('?') as [string, string];
	for (const [name, content] of Object.entries(files)) {
		const response = await fetch(`${container}/${name}?${sas}`, {
			method: 'PUT',
			headers: { 'x-ms-blob-type': 'BlockBlob' },
			body: content,
		});
		if (response.status !== 201)
			throw new Error(`Uploading ${name} answered ${response.status}: ${await response.text()}`);
	}
}

const busy = new Set(['inProgress', 'unknownFutureValue', 'extracting', 'validating']);

/** Waits for the end of the run that is under way; answers the profile's status. */
export async function untilIdle(client: GraphClient, profile: string): Promise<Json> {
	const { body } = await poll(
		() => client.get(`${profile}/profileStatus`),
		(answer) => !busy.has(String(answer.body.status)),
	);
	return body;
}

export async function latestRun(client: GraphClient, profile: string): Promise<Json | undefined> {
	const { body } = await client.get(`${profile}/runs`);
	return (body.value as Json[])[0];
}

/** Uploads, starts and waits; answers the finished run. */
export async function syncRoster(client: GraphClient, profile: string, files: RosterFiles): Promise<Json> {
	await uploadFiles(client, profile, files);
	const started = await client.send('POST', `${profile}/start`);
	if (started.status !== 200) throw new Error(`Starting answered ${started.status}: ${started.text}`);
	await untilIdle(client, profile);
	return (await latestRun(client, profile)) ?? {};
}
