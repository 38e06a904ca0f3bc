import { describe, expect, test } from 'vitest';
import { in2017Dialect } from '../../../src/http/answers/dialect-2017.ts';

describe('the dialect of 2017', () => {
	test('writes enum members in PascalCase and types in lower case, wherever they are', () => {
		const profile = {
			state: 'provisioningFailed',
			syncStatus: 'paused',
			errorStatus: 'none',
			dataProvider: { '@odata.type': '#microsoft.graph.educationCsvDataProvider' },
			licensesToAssign: [{ appliesTo: 'student', skuIds: ['state'] }],
		};
		expect(in2017Dialect({ value: [profile] })).toEqual({
			value: [
				{
					state: 'ProvisioningFailed',
					syncStatus: 'Paused',
					errorStatus: 'None',
					dataProvider: { '@odata.type': '#microsoft.graph.educationcsvdataprovider' },
					licensesToAssign: [{ appliesTo: 'Student', skuIds: ['state'] }],
				},
			],
		});
	});

	test.each(['unknownFutureValue', 'extracting', 'validating', 'inProgress'])('says InProgress for %s', (status) => {
		expect(in2017Dialect({ status })).toEqual({ status: 'InProgress' });
	});

	test('has the older names of times and status beside the newer ones', () => {
		const never = '0001-01-01T00:00:00Z';
		expect(in2017Dialect({ status: 'success', lastSynchronizationDateTime: never, statusMessage: '' })).toEqual({
			status: 'Success',
			syncStatus: 'Success',
			lastSynchronizationDateTime: never,
			lastSynchronizationTime: never,
			statusMessage: '',
		});
		expect(in2017Dialect({ reportableIdentifier: 'x', recordedDateTime: never })).toMatchObject({
			recordedTime: never,
		});
	});

	test('has enum members in camelCase where its pages print them so, and still types in lower case', () => {
		const profile = {
			state: 'provisioned',
			syncStatus: 'extracting',
			dataProvider: { '@odata.type': '#microsoft.graph.educationCsvDataProvider' },
			licensesToAssign: [{ appliesTo: 'student' }],
		};
		expect(in2017Dialect({ value: [profile] }, 'camel')).toEqual({
			value: [
				{
					state: 'provisioned',
					syncStatus: 'inProgress',
					dataProvider: { '@odata.type': '#microsoft.graph.educationcsvdataprovider' },
					licensesToAssign: [{ appliesTo: 'student' }],
				},
			],
		});
	});

	test('has the identity by its oldest name too, and the services of that time', () => {
		const identity = { '@odata.type': '#microsoft.graph.educationIdentityCreationConfiguration' };
		const shown = { '@odata.type': '#microsoft.graph.educationidentitycreationconfiguration' };
		expect(in2017Dialect({ identitySynchronizationConfiguration: identity })).toEqual({
			identitySynchronizationConfiguration: shown,
			identitySyncConfiguration: shown,
			servicesToSetup: [],
		});
	});

	test('leaves free text alone', () => {
		const texts = { displayName: 'paused', statusMessage: 'inProgress', errorMessage: 'none', type: 'Error' };
		expect(in2017Dialect(texts)).toEqual(texts);
		expect([in2017Dialect(null), in2017Dialect('state'), in2017Dialect(5)]).toEqual([null, 'state', 5]);
	});
});
