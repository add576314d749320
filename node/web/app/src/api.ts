// api.ts - the typed client of the node's JSON API: sessions, rows, batches, files, events.
//
// Whatever goes wrong is thrown as a Problem (RFC 9457), also a line that is cut: its code is then "unreachable".
// The token against forged requests comes with the session and goes with every write.

export type Value = string | number | null;
export type Values = Record<string, Value>;
export type Key = Value[];
export interface Words2 {
	id: string;
	en: string;
}

export interface RowState {
	at: string | null;
	by: string | null;
	sent: 'unsent' | 'sent' | 'receipted';
	contested?: string[];
}
export interface Row {
	key: Key;
	values: Values;
	state: RowState;
	seen?: string;
}
export interface Rows {
	rows: Row[];
	next: string | null;
	total?: number;
	seen?: string;
}
export interface RowAnswer {
	row: Row;
	seen: string;
	contested?: string[];
}

export interface User {
	id: string;
	login: string;
	name: string;
	role: string;
	org_id: string | null;
	language: string;
}
export interface NodeInfo {
	name: string;
	hub: boolean;
	scope: string | null;
	words: string;
	workspace: string | null;
	version: string;
}
export interface Session {
	user: User | null;
	csrf: string | null;
	setup: boolean;
	node: NodeInfo;
}

export interface Column {
	name: string;
	type: string;
	null: boolean;
	default?: Value;
	policy?: string;
	group?: number;
	label?: Words2;
	choices?: string[];
	min?: number;
	max?: number;
}
export interface Table {
	name: string;
	label: Words2;
	scope: 'national' | { column: string };
	append?: boolean;
	local?: boolean;
	key: string[];
	write: 'all' | 'own' | 'none';
	own: string | null;
	columns: Column[];
}
export interface Meta {
	workspace: string | null;
	hub: boolean;
	scope: string | null;
	role: string;
	tables: Table[];
	views: { name: string; columns: string[] }[];
	roles: { name: string; label: Words2 }[];
	app: { app?: string } & Record<string, unknown>;
}

export interface Reason extends Words2 {
	code: string;
}
export interface Status {
	line: Reason & { since?: string | null };
	reasons: Reason[];
	waiting: number;
	sent: number;
	receipted: number;
	contested: number;
	last_contact: string | null;
	last_receipt: string | null;
	peers: Record<string, unknown>[];
	clock_skew_ms: number | null;
}
export interface Events {
	cursor: string;
	tables: string[];
	status: boolean;
}
export interface Change {
	at: string | null;
	by: string | null;
	node: string | null;
	column: string;
	value: Value;
	changeset: string | null;
	sent: string;
}
export interface ConflictValue {
	n: number;
	values: Values;
	shown: boolean;
	by: string | null;
	node: string | null;
	at: string | null;
}
export interface Conflict {
	no: number;
	table: string;
	key: Key;
	columns: string[];
	values: ConflictValue[];
}
export interface Write {
	op: 'insert' | 'update' | 'put' | 'delete';
	table: string;
	key?: Key;
	values?: Values;
}
export interface FieldError {
	index?: number;
	column?: string;
	code: string;
	id: string;
	en: string;
}
export interface Stored {
	sha256: string;
	byte_size: number;
	media_type: string;
}
export type Filter = Record<string, string | number | null | readonly (string | number)[]>;

export class Problem extends Error {
	constructor(
		readonly status: number,
		readonly code: string,
		readonly detail: string,
		readonly advice: Words2 | null,
		readonly errors: FieldError[],
		readonly row: Row | null,
		readonly retryAfter: number | null,
	) {
		super(detail || code);
	}
	// Trying again as it is may help: no answer, too busy, or a fault of the node.
	get passing(): boolean {
		return this.status === 0 || this.status === 429 || this.status >= 500;
	}
}

const PART_BYTES = 1 << 20;

type Transport = (path: string, init: RequestInit) => Promise<Response>;
let transport: Transport = (path, init) => fetch(path, init);
let csrf: string | null = null;
let signedOut: () => void = () => undefined;

export function useTransport(other: Transport): void {
	transport = other;
}

export function onSignedOut(call: () => void): void {
	signedOut = call;
}

async function problemOf(answer: Response): Promise<Problem> {
	let body: Record<string, unknown> = {};
	try {
		body = (await answer.json()) as Record<string, unknown>;
	} catch {
		// no document: a proxy's page, or nothing
	}
	const after = Number(answer.headers.get('Retry-After'));
	return new Problem(
		answer.status,
		String(body['code'] ?? `http-${answer.status}`),
		String(body['detail'] ?? body['title'] ?? ''),
		(body['advice'] as Words2 | undefined) ?? null,
		(body['errors'] as FieldError[] | undefined) ?? [],
		(body['row'] as Row | undefined) ?? null,
		after > 0 ? after : null,
	);
}

async function ask(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
	const headers: Record<string, string> = { Accept: 'application/json' };
	const raw = body instanceof Blob;
	if (body !== undefined) headers['Content-Type'] = raw ? 'application/octet-stream' : 'application/json';
	if (method !== 'GET' && csrf !== null) headers['X-CSRF-Token'] = csrf;
	let answer: Response;
	try {
		answer = await transport(`/api${path}`, {
			method,
			headers,
			credentials: 'same-origin',
			signal: signal ?? null,
			body: body === undefined ? null : raw ? body : JSON.stringify(body),
		});
	} catch (e) {
		if (e instanceof DOMException && e.name === 'AbortError') throw e;
		throw new Problem(0, 'unreachable', '', null, [], null, null);
	}
	if (answer.ok) return answer;
	const problem = await problemOf(answer);
	if (problem.status === 401 && path !== '/session') signedOut();
	throw problem;
}

async function json<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
	const answer = await ask(method, path, body, signal);
	return (answer.status === 204 ? null : await answer.json()) as T;
}

export function queryOf(filter: Filter): string {
	const query = new URLSearchParams();
	for (const [name, value] of Object.entries(filter))
		if (value === null) query.set(`${name}.null`, '1');
		else if (typeof value === 'object') query.set(`${name}.in`, value.join(','));
		else query.set(name, String(value));
	const text = query.toString();
	return text === '' ? '' : `?${text}`;
}

const keyed = (table: string, key: Key, more = ''): string =>
	`/row/${table}?key=${encodeURIComponent(JSON.stringify(key))}${more}`;

async function session(method: string, path: string, body?: unknown): Promise<Session> {
	const answer = await json<Session>(method, path, body);
	csrf = answer.csrf;
	return answer;
}

export const api = {
	session: (): Promise<Session> => session('GET', '/session'),
	login: (login: string, password: string): Promise<Session> =>
		session('POST', '/session', { login, password }),
	logout: (): Promise<null> => json('DELETE', '/session'),
	setup: (values: { code: string; login: string; name: string; password: string }): Promise<Session> =>
		session('POST', '/setup', values),
	changeSession: (values: Record<string, string>): Promise<Session> => session('PATCH', '/session', values),

	meta: (): Promise<Meta> => json('GET', '/meta'),
	status: (): Promise<Status> => json('GET', '/status'),
	events: (after: string | null, signal: AbortSignal): Promise<Events> =>
		json(
			'GET',
			`/events?wait=25${after === null ? '' : `&after=${encodeURIComponent(after)}`}`,
			undefined,
			signal,
		),

	async rows(table: string, filter: Filter = {}): Promise<Rows> {
		const answer = await json<Rows>('GET', `/rows/${table}${queryOf(filter)}`);
		for (const row of answer.rows) if (answer.seen !== undefined) row.seen = answer.seen;
		return answer;
	},
	// All of them, page after page.  A page of the app asks for what belongs to one worksheet, never for a table of the nation.
	async allRows(table: string, filter: Filter = {}): Promise<Row[]> {
		const rows: Row[] = [];
		let after: string | null = null;
		do {
			const answer: Rows = await api.rows(table, {
				limit: 1000,
				...filter,
				...(after === null ? {} : { after }),
			});
			rows.push(...answer.rows);
			after = answer.next;
		} while (after !== null);
		return rows;
	},
	async row(table: string, key: Key): Promise<Row> {
		const answer = await json<RowAnswer>('GET', keyed(table, key));
		return { ...answer.row, seen: answer.seen };
	},
	insert: (table: string, values: Values): Promise<RowAnswer> => json('POST', `/rows/${table}`, { values }),
	update: (table: string, key: Key, values: Values, seen?: string): Promise<RowAnswer> =>
		json('PATCH', keyed(table, key), { values, ...(seen === undefined ? {} : { seen }) }),
	remove: (table: string, key: Key, seen?: string): Promise<null> =>
		json('DELETE', keyed(table, key, seen === undefined ? '' : `&seen=${encodeURIComponent(seen)}`)),
	batch: (
		writes: Write[],
		options: { seen?: string; dry_run?: boolean } = {},
	): Promise<{ rows: Row[]; seen: string }> => json('POST', '/batch', { ...options, writes }),

	async view(name: string, filter: Filter = {}): Promise<Values[]> {
		const rows: Values[] = [];
		let after: string | null = null;
		do {
			const more: Filter = { ...filter, ...(after === null ? {} : { after }) };
			const answer: { rows: Values[]; next: string | null } = await json(
				'GET',
				`/views/${name}${queryOf(more)}`,
			);
			rows.push(...answer.rows);
			after = answer.next;
		} while (after !== null);
		return rows;
	},
	history: (table: string, key: Key, column?: string): Promise<{ changes: Change[] }> =>
		json(
			'GET',
			`/history/${table}?key=${encodeURIComponent(JSON.stringify(key))}${column === undefined ? '' : `&column=${column}`}`,
		),
	conflicts: (): Promise<{ conflicts: Conflict[] }> => json('GET', '/conflicts'),
	choose: (no: number, choice: { n: number } | { values: Values }): Promise<null> =>
		json('POST', `/conflicts/${no}`, choice),
	list: <T>(path: 'violations' | 'held' | 'quarantine' | 'ledger'): Promise<T> => json('GET', `/${path}`),

	// In parts: what arrived stays, and a line that is cut costs one part.  `told` hears how far it is.
	async upload(file: Blob, type: string, told?: (done: number) => void): Promise<Stored> {
		const query = `type=${encodeURIComponent(type || 'application/octet-stream')}`;
		const begun = await json<{ id: string; offset: number }>(
			'POST',
			`/files?${query}&bytes=${file.size}`,
		);
		let { offset } = begun;
		for (let tries = 0; offset < file.size;)
			try {
				const part = file.slice(offset, offset + PART_BYTES);
				offset = (await json<{ offset: number }>('PUT', `/files/${begun.id}?offset=${offset}`, part))
					.offset;
				tries = 0;
				told?.(offset);
			} catch (e) {
				if (!(e instanceof Problem) || !e.passing || ++tries > 5) throw e;
				await new Promise((done) => {
					setTimeout(done, 500 * 2 ** tries);
				});
				offset = (await json<{ offset: number }>('GET', `/files/${begun.id}`)).offset;
			}
		return json('POST', `/files/${begun.id}?${query}`);
	},
	get: <T>(path: string): Promise<T> => json('GET', path),
	send: <T>(method: string, path: string, body?: unknown): Promise<T> => json(method, path, body),
};

// A UUIDv7: keys are made where the row is made, so that a write that is sent twice is one row.
// Those of one page are in the order in which they were made, also within a millisecond.
let lastTime = 0;
export function newId(): string {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	let time = (lastTime = Math.max(Date.now(), lastTime + 1));
	for (let i = 5; i >= 0; i--) {
		bytes[i] = time % 256;
		time = Math.floor(time / 256);
	}
	bytes[6] = 0x70 | (bytes[6]! & 0x0f);
	bytes[8] = 0x80 | (bytes[8]! & 0x3f);
	const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
	return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
