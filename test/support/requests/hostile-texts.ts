/** What people, exports and attackers write where a text is expected; each must come back as it was. */
export const hostileTexts: readonly string[] = [
	'',
	' ',
	"O'Neil",
	'"quoted", \\escaped\\',
	"' or PartitionKey ge '",
	'%27%2F../..',
	'line\r\nbreak\ttab',
	'\u0000\u0001\u001f\u007f\u0085',
	'Zoë Ñandú Škola 学校 😀👩‍👧',
	'e\u0301 is not \u00e9',
	'\u2028\u2029\ufeff\uffff',
	'half a pair: \ud83d',
	'<![CDATA[<x>&amp;]]>',
	'__proto__',
];
