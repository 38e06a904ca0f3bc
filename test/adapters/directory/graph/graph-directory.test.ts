import { afterAll, beforeAll } from 'vitest';
import { directorySuite } from '../../../suites/directory/directory-suite.ts';
import { startTestStorage, type TestStorage } from '../../../support/hosts/test-storage.ts';
import { type GraphWorld, startGraphWorld } from '../../../support/worlds/graph-world.ts';

/** `graphDirectory`, over a Microsoft Graph on this machine. */

let storage: TestStorage;
let packed: GraphWorld;
let education: GraphWorld;

beforeAll(async () => {
	storage = await startTestStorage();
	packed = await startGraphWorld({ account: storage.account });
	education = await startGraphWorld({ account: storage.account, strategy: 'education' });
});

afterAll(async () => {
	await packed?.stop();
	await education?.stop();
	await storage?.stop();
});

const traits = { finds: ['userPrincipalName', 'mailNickname'], isStrict: true, now: () => new Date() } as const;

directorySuite('in Microsoft Entra ID', () => ({ ...packed, ...traits }));
directorySuite('in Microsoft Entra ID, one by one', () => ({ ...education, ...traits }));
