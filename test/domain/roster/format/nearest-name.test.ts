import { expect, test } from 'vitest';
import { nearestName } from '../../../../src/domain/roster/format/nearest-name.ts';

const names = ['SIS ID', 'School SIS ID', 'First Name', 'Last Name', 'Username', 'Birthdate', 'Grade'];

test.each([
	['Frist Name', 'First Name'],
	['FirstName', 'First Name'],
	['first_name', 'First Name'],
	['Usernam', 'Username'],
	['Usernames', 'Username'],
	['Usrenmae', 'Username'],
	['User Name', 'Username'],
	['Birth Date', 'Birthdate'],
	['SIS-ID', 'SIS ID'],
	['School SIS', 'School SIS ID'],
	['Grdae', 'Grade'],
])('%s was probably meant to be %s', (written, name) => {
	expect(nearestName(written, names)).toBe(name);
});

test('of two letters everything is near, so nothing is', () => {
	expect(nearestName('It', ['Id'])).toBeUndefined();
});

test.each(['', 'ID', 'Shoe Size', 'Surname', 'Graduation', 'Mother', '***', 'First Name'.repeat(7)])(
	'"%s" is like none of them',
	(written) => {
		expect(nearestName(written, names)).toBeUndefined();
	},
);
