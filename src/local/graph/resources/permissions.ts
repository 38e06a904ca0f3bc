/** Application permissions, any of which will do. */
export const readRoster = ['EduRoster.Read.All', 'EduRoster.ReadWrite.All'];
export const writeRoster = ['EduRoster.ReadWrite.All'];
export const seeHidden = ['Member.Read.Hidden'];
export const readUsers = ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];
export const writeUsers = ['User.ReadWrite.All', 'Directory.ReadWrite.All'];
export const assignLicenses = ['LicenseAssignment.ReadWrite.All', ...writeUsers];
export const readGroups = ['Group.Read.All', 'Group.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];
export const readGroupMembers = ['GroupMember.Read.All', 'GroupMember.ReadWrite.All', ...readGroups];
export const writeGroups = ['Group.ReadWrite.All', 'Directory.ReadWrite.All'];
export const writeGroupMembers = ['GroupMember.ReadWrite.All', ...writeGroups];
export const readUnits = [
	'AdministrativeUnit.Read.All',
	'AdministrativeUnit.ReadWrite.All',
	'Directory.Read.All',
	'Directory.ReadWrite.All',
];
export const writeUnits = ['AdministrativeUnit.ReadWrite.All'];
export const readOrganization = ['Organization.Read.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];
export const readSkus = ['LicenseAssignment.Read.All', 'LicenseAssignment.ReadWrite.All', ...readOrganization];
