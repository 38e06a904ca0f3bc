import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { SecretRef, SecretStore } from '../../ports.ts';
import { type StorageAccount, statusOf } from '../storage-account.ts';
import { deleteRow } from '../transactions.ts';

const algorithm = 'aes-256-gcm';
/** What GCM is made for (NIST SP 800-38D). */
const ivBytes = 12;
const keyIdLength = 8;

/**
 * Table `Secrets`: partition = tenant, row = profile id and name, if it has one; one value `v1.<key id>.<iv>.<tag>.<ciphertext>`. Tenant and profile are
 * authenticated with it, so that a value copied to another row cannot be read there.
 */
export function encryptedTableSecrets(account: StorageAccount, key: Buffer): SecretStore {
	const open = () => account.table('Secrets');
	return {
		async put(ref, secret) {
			const entity = { partitionKey: ref.tenantId, rowKey: rowKeyOf(ref), value: encrypt(key, ref, secret) };
			await (await open()).upsertEntity(entity, 'Replace');
		},

		async get(ref) {
			try {
				const entity = await (await open()).getEntity<{ value: string }>(ref.tenantId, rowKeyOf(ref));
				return decrypt(key, ref, entity.value);
			} catch (error) {
				if (statusOf(error) === 404) return undefined;
				throw error;
			}
		},

		async delete(ref) {
			await deleteRow(await open(), ref.tenantId, rowKeyOf(ref));
		},
	};
}

const rowKeyOf = ({ profileId, name }: SecretRef) => (name ? `${profileId}|${name}` : profileId);

const associatedData = (ref: SecretRef) => Buffer.from(`${ref.tenantId}|${rowKeyOf(ref)}`);

const keyIdOf = (key: Buffer) => createHash('sha256').update(key).digest('hex').slice(0, keyIdLength);

function encrypt(key: Buffer, ref: SecretRef, secret: string): string {
	const iv = randomBytes(ivBytes);
	const cipher = createCipheriv(algorithm, key, iv).setAAD(associatedData(ref));
	const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
	return ['v1', keyIdOf(key), ...[iv, cipher.getAuthTag(), text].map((part) => part.toString('base64url'))].join('.');
}

function decrypt(key: Buffer, ref: SecretRef, value: string): string {
	const [version, keyId, ...parts] = value.split('.');
	const refuse = (reason: string) =>
		new Error(
			`Cannot read the secret of profile "${ref.profileId}": ${reason}. Set the ${ref.name ? 'secret of its notifications' : 'client secret of the profile'} anew.`,
		);
	if (version !== 'v1' || parts.length !== 3) throw refuse('its format is unknown');
	if (keyId !== keyIdOf(key)) throw refuse('it was stored with another SECRETS_KEY');
	const [iv, tag, text] = parts.map((part) => Buffer.from(part, 'base64url')) as [Buffer, Buffer, Buffer];
	try {
		const decipher = createDecipheriv(algorithm, key, iv).setAAD(associatedData(ref)).setAuthTag(tag);
		return Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8');
	} catch {
		throw refuse('it is damaged, or belongs to another profile');
	}
}
