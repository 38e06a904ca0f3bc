import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface VerifyOptions {
	/** Absolute. */
	folder: string;
	/** Absolute path of the report to write. */
	report?: string;
	/** Absolute path of a folder for the faulty rows of each file. */
	faultyRows?: string;
	json: boolean;
	domains: { student: string; teacher: string };
	/** Columns by which existing accounts are found; absent when accounts are created. */
	matchingColumn?: string;
	replacesSpecialCharacters: boolean;
	findingsKept: number;
}

const sampleFolder = resolve(import.meta.dirname, '../../sample');

export const usage = `Verify a folder of School Data Sync CSV files, without any service.

Usage: npm run verify -- [folder] [options]

  folder                   folder of the six CSV files (default: the sample)

  --report <file>          write the findings as CSV: file, line, value, cure
  --faulty-rows <folder>   write the faulty rows of each file, as they are, with the
                           findings as extra columns
  --findings <n>           findings to keep per file, rule and column
                           (default: 1000; counts are exact anyway)
  --student-domain <d>     domain of students (default: students.example.org)
  --teacher-domain <d>     domain of teachers (default: teachers.example.org)
  --match <column>         accounts exist, and are found by this column
  --special-characters     the profile replaces special characters
  --json                   print one JSON object (use "npm run --silent verify")
  --help                   this text

Exit code: 0 no errors, 1 errors in the files, 2 could not run.
`;

/** Throws an error fit to be shown for options that mean nothing; undefined means that help was asked for. */
export function readVerifyOptions(args: string[], currentFolder: string): VerifyOptions | undefined {
	const { values, positionals } = parseArgs({
		args,
		allowPositionals: true,
		options: {
			report: { type: 'string' },
			'faulty-rows': { type: 'string' },
			findings: { type: 'string', default: '1000' },
			'student-domain': { type: 'string', default: 'students.example.org' },
			'teacher-domain': { type: 'string', default: 'teachers.example.org' },
			match: { type: 'string' },
			'special-characters': { type: 'boolean', default: false },
			json: { type: 'boolean', default: false },
			help: { type: 'boolean', default: false },
		},
	});
	if (values.help) return undefined;
	if (positionals.length > 1) throw new Error(`Cannot verify ${positionals.length} folders at once; name one.`);
	const findingsKept = /^\d{1,7}$/.test(values.findings) ? Number(values.findings) : 0;
	if (findingsKept === 0) throw new Error(`The option --findings is "${values.findings}", and must be a whole number.`);
	return {
		folder: positionals[0] === undefined ? sampleFolder : resolve(currentFolder, positionals[0]),
		json: values.json,
		domains: { student: values['student-domain'], teacher: values['teacher-domain'] },
		replacesSpecialCharacters: values['special-characters'],
		findingsKept,
		...(values.report ? { report: resolve(currentFolder, values.report) } : {}),
		...(values['faulty-rows'] ? { faultyRows: resolve(currentFolder, values['faulty-rows']) } : {}),
		...(values.match ? { matchingColumn: values.match } : {}),
	};
}
