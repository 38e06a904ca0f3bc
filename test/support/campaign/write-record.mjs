/**
 * Loaded before a host (`NODE_OPTIONS=--import`). Notes in the file WRITE_RECORD, one line each and at once, what is sent to the
 * tables of the embedded directory and what came of it: whatever kills the host, the line before is there.
 */
import { appendFileSync } from 'node:fs';
import { ClientRequest } from 'node:http';

const file = process.env.WRITE_RECORD;
const { write, end } = ClientRequest.prototype;
const bodies = new WeakMap();
let count = 0;

const note = (entry) => appendFileSync(file, `${JSON.stringify(entry)}\n`);

function keep(request, chunk) {
	if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return;
	bodies.set(request, (bodies.get(request) ?? '') + Buffer.from(chunk).toString());
}

/** The rows that a request writes, as "<table>/<partition>/<row>". */
function rowsOf({ method, path }, body) {
	if (path.includes('/$batch')) return body.split('--changeset_').flatMap((part) => rowIn(part));
	return method === 'GET' || !/\/Directory[A-Z]\w+/.test(path) ? [] : rowIn(`${method} ${path} \r\n\r\n${body}`);
}

function rowIn(part) {
	const [, table, keys] = /^(?:POST|PUT|PATCH|MERGE|DELETE) \S*?\/(Directory[A-Z]\w+)(\S*)/m.exec(part) ?? [];
	if (table === undefined) return [];
	const named = /PartitionKey='([^']*)',RowKey='([^']*)'/.exec(decodeURIComponent(keys));
	if (named) return [`${table}/${named[1]}/${named[2]}`];
	const text = /\{.*\}/s.exec(part)?.[0];
	// A table that is created has no row.
	if (text === undefined) return [];
	const { PartitionKey, RowKey } = JSON.parse(text);
	return RowKey === undefined ? [] : [`${table}/${PartitionKey}/${RowKey}`];
}

/** A transaction answers 202, and says inside what became of it. Who listens to a response takes it away from its reader. */
function watch(response, refused) {
	const { push } = response;
	let answer = `HTTP/1.1 ${response.statusCode}`;
	response.push = function (chunk, ...rest) {
		if (chunk !== null) answer += chunk;
		else if (/HTTP\/1\.1 [45]/.test(answer)) refused();
		return push.call(this, chunk, ...rest);
	};
}

if (file !== undefined) {
	ClientRequest.prototype.write = function (chunk, ...rest) {
		keep(this, chunk);
		return write.call(this, chunk, ...rest);
	};
	ClientRequest.prototype.end = function (chunk, ...rest) {
		keep(this, chunk);
		const rows = rowsOf(this, bodies.get(this) ?? '');
		if (rows.length > 0) {
			const id = `${process.pid}-${count++}`;
			note({ id, rows });
			this.prependListener('response', (response) => watch(response, () => note({ id, refused: true })));
		}
		return end.call(this, chunk, ...rest);
	};
}
