import type {
	AdministrativeUnit,
	EducationClass,
	EducationSchool,
	EducationUser,
	Group,
	User,
} from '@microsoft/microsoft-graph-types';
import type { PropertyRule, PropertyRules, ResourceType } from './property-rules.ts';

/** The names must be Graph's own; the rules are those that its documentation gives for writing. */
type RulesOf<T> = Partial<Record<keyof T, PropertyRule>>;

const text = (maxLength?: number): PropertyRule => ({ type: 'string', ...(maxLength ? { maxLength } : {}) });
const readOnly: PropertyRule = { type: 'string', access: 'readOnly' };
const isHidden = true;
/** https://learn.microsoft.com/graph/aad-advanced-queries says so for users. */
const isFoundByIndexOnly = true;
/** Names show up in pages and mails: no control characters. */
const nameText = (maxLength: number): PropertyRule => ({ ...text(maxLength), pattern: /^\P{Cc}*$/u });
const id = readOnly;

const address: PropertyRule = {
	type: 'object',
	properties: {
		street: text(1024),
		city: text(128),
		state: text(128),
		postalCode: text(40),
		countryOrRegion: text(128),
	},
};

const passwordProfile: PropertyRule = {
	type: 'object',
	access: 'writeOnly',
	properties: {
		password: text(),
		forceChangePasswordNextSignIn: { type: 'boolean' },
		forceChangePasswordNextSignInWithMfa: { type: 'boolean' },
	},
};

/** Names for mail hold none of `@ ( ) \ [ ] " ; : . < > ,` and no space; those of users may have dots. */
const groupNickname: PropertyRule = {
	type: 'string',
	maxLength: 64,
	pattern: /^[^@()\\[\]";:.<>,\s]+$/,
	isRequired: true,
};
const userNickname: PropertyRule = {
	type: 'string',
	maxLength: 64,
	pattern: /^[^@()\\[\]";:<>,\s]+$/,
	isRequired: true,
};

/** What users and educationUsers have in common. */
const account = {
	id,
	accountEnabled: { type: 'boolean', isRequired: true },
	businessPhones: { type: 'strings', maxItems: 1 },
	department: text(64),
	displayName: { ...nameText(256), isRequired: true },
	givenName: nameText(64),
	mail: readOnly,
	mailNickname: userNickname,
	mobilePhone: text(64),
	officeLocation: text(128),
	passwordPolicies: text(),
	passwordProfile,
	preferredLanguage: text(),
	showInAddressList: { type: 'boolean' },
	surname: nameText(64),
	usageLocation: { type: 'string', pattern: /^[A-Za-z]{2}$/ },
	userPrincipalName: { type: 'string', isRequired: true },
	userType: { type: 'string', values: ['Member', 'Guest'] },
	assignedLicenses: { type: 'objects', access: 'readOnly' },
} as const satisfies RulesOf<User>;

const user = {
	...account,
	accountEnabled: { ...account.accountEnabled, isHidden },
	department: { ...account.department, isHidden },
	mailNickname: { ...account.mailNickname, isHidden },
	mobilePhone: { ...account.mobilePhone, isFoundByIndexOnly },
	officeLocation: { ...account.officeLocation, isFoundByIndexOnly },
	passwordPolicies: { ...account.passwordPolicies, isHidden, isFoundByIndexOnly },
	preferredLanguage: { ...account.preferredLanguage, isFoundByIndexOnly },
	showInAddressList: { ...account.showInAddressList, isHidden, isFoundByIndexOnly },
	usageLocation: { ...account.usageLocation, isHidden },
	userType: { ...account.userType, isHidden },
	assignedLicenses: { ...account.assignedLicenses, isHidden },
	licenseAssignmentStates: { type: 'objects', access: 'readOnly', isHidden },
	city: { ...text(128), isHidden },
	companyName: { ...text(64), isHidden, isFoundByIndexOnly },
	country: { ...text(128), isHidden },
	createdDateTime: { ...readOnly, isHidden },
	deletedDateTime: { ...readOnly, isHidden },
	employeeId: { ...text(16), isHidden },
	jobTitle: text(128),
	onPremisesImmutableId: { ...text(), isHidden, isFoundByIndexOnly },
	onPremisesSamAccountName: { ...readOnly, isHidden, isFoundByIndexOnly },
	onPremisesUserPrincipalName: { ...readOnly, isHidden },
	postalCode: { ...text(40), isHidden, isFoundByIndexOnly },
	proxyAddresses: { type: 'strings', access: 'readOnly', isHidden },
	state: { ...text(128), isHidden },
	streetAddress: { ...text(1024), isHidden, isFoundByIndexOnly },
} as const satisfies RulesOf<User>;

const externalSource: PropertyRule = { type: 'string', values: ['sis', 'manual', 'lms'] };
const date: PropertyRule = { type: 'string', pattern: /^\d{4}-\d\d-\d\d$/ };

const educationUser = {
	...account,
	externalSource,
	externalSourceDetail: text(),
	mailingAddress: address,
	middleName: nameText(64),
	onPremisesInfo: { type: 'object', properties: { immutableId: text() } },
	primaryRole: { type: 'string', values: ['student', 'teacher', 'none', 'faculty'] },
	residenceAddress: address,
	student: {
		type: 'object',
		properties: {
			externalId: text(),
			studentNumber: text(),
			grade: text(),
			graduationYear: text(),
			birthDate: date,
			gender: { type: 'string', values: ['female', 'male', 'other'] },
		},
	},
	teacher: { type: 'object', properties: { externalId: text(), teacherNumber: text() } },
} as const satisfies RulesOf<EducationUser>;

const group = {
	id,
	createdDateTime: readOnly,
	deletedDateTime: readOnly,
	description: text(1024),
	displayName: { ...nameText(256), isRequired: true },
	groupTypes: { type: 'strings', access: 'createOnly' },
	mail: readOnly,
	mailEnabled: { type: 'boolean', isRequired: true },
	mailNickname: groupNickname,
	proxyAddresses: { type: 'strings', access: 'readOnly' },
	securityEnabled: { type: 'boolean', isRequired: true },
	visibility: { type: 'string', values: ['Public', 'Private', 'HiddenMembership'] },
} as const satisfies RulesOf<Group>;

/** Names of a new group's behaviour, which v1.0 takes though the published types do not have them. */
const groupCreation: PropertyRules = {
	creationOptions: { type: 'strings', access: 'createOnly', isHidden },
	resourceBehaviorOptions: { type: 'strings', access: 'createOnly', isHidden },
	resourceProvisioningOptions: { type: 'strings', access: 'createOnly', isHidden },
};

const educationClass = {
	id,
	classCode: text(),
	course: {
		type: 'object',
		properties: {
			externalId: text(),
			displayName: text(),
			description: text(),
			subject: text(),
			courseNumber: text(),
		},
	},
	description: text(1024),
	displayName: { ...nameText(256), isRequired: true },
	externalId: text(),
	externalName: text(),
	externalSource,
	externalSourceDetail: text(),
	grade: text(),
	mailNickname: groupNickname,
	term: { type: 'object', properties: { externalId: text(), displayName: text(), startDate: date, endDate: date } },
} as const satisfies RulesOf<EducationClass>;

const administrativeUnit = {
	id,
	deletedDateTime: readOnly,
	description: text(1024),
	displayName: { ...nameText(256), isRequired: true },
	visibility: { type: 'string', values: ['Public', 'HiddenMembership'], access: 'createOnly' },
} as const satisfies RulesOf<AdministrativeUnit>;

const educationSchool = {
	id,
	address,
	description: text(1024),
	displayName: { ...nameText(256), isRequired: true },
	externalId: text(),
	externalPrincipalId: text(),
	externalSource,
	externalSourceDetail: text(),
	fax: text(),
	highestGrade: text(),
	lowestGrade: text(),
	phone: text(),
	principalEmail: text(),
	principalName: text(),
	schoolNumber: text(),
} as const satisfies RulesOf<EducationSchool>;

const extensible = true;

/** By the names that `@odata.type` gives them. */
export const resourceTypes = {
	user: { name: 'User', properties: user, isExtensible: extensible },
	group: { name: 'Group', properties: { ...group, ...groupCreation }, isExtensible: extensible },
	administrativeUnit: { name: 'AdministrativeUnit', properties: administrativeUnit, isExtensible: extensible },
	educationUser: { name: 'EducationUser', properties: educationUser, isExtensible: false },
	educationClass: { name: 'EducationClass', properties: educationClass, isExtensible: false },
	educationSchool: { name: 'EducationSchool', properties: educationSchool, isExtensible: false },
} as const satisfies Record<string, ResourceType>;

export type ResourceTypeName = keyof typeof resourceTypes;
