/** Invented names, hard on purpose: commas, quotes, apostrophes, accents, Cyrillic and CJK. */

export const givenNames = [
	'Ada',
	'Björn',
	'Chloé',
	'Dušan',
	'Emre',
	'Fatou',
	'Gráinne',
	'Hana',
	'Íris',
	'Jonas',
	'Katarzyna',
	'Liam',
	'Мария',
	'Нина',
	'Øystein',
	'Zoë',
	'美咲',
	'伟',
	'José María',
	"D'Arcy",
	'Mary-Ann',
	'Ümit',
	'Žofie',
	'Yara',
] as const;

export const surnames = [
	"O'Brien",
	'Müller',
	'Nguyễn',
	'García López',
	'Smith-Jones',
	'Иванова',
	'Петров',
	'王',
	'佐藤',
	'Łukasik',
	'Bøe',
	'de la Cruz',
	'St. James',
	'Ñíguez',
	'Hébert',
	"D'Angelo",
	'Vörös',
	'Şahin',
	'Ardent',
	'Kowalska',
	'Yáñez',
] as const;

export const subjects = [
	'Maths',
	'Latin',
	'Chemistry',
	'Biology',
	'History',
	'Music',
	'Géographie',
	'Русский язык',
	'書道',
] as const;

export const places = [
	'North',
	'South',
	'Lakeside',
	"Saint John's",
	'Éluard',
	'Riverbank',
	'Hilltop',
	'Østerbro',
] as const;

/** Free text of a column that no special-character rule touches. */
export const descriptions = [
	'Numbers, shapes, proofs',
	'Reading "aloud"',
	'Lab work, in pairs',
	'Vier Jahreszeiten',
	'読み書き',
] as const;
