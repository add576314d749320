// mock.ts - a made-up API inside the page: a region's tables in memory, kept in the browser over a reload.
//
// It is for work on pages and for their tests; the program never carries it.  The address says what to play:
// ?mock=offline (the node does not answer), slow, setup, login, empty, hub; ?mock=reset begins anew.
import {
	type Change,
	type Column,
	type Conflict,
	type Key,
	type Meta,
	type Row,
	type Session,
	type Status,
	type Table,
	type Value,
	type Values,
	useTransport,
} from './api.ts';

interface Kept {
	rows: Record<string, Values[]>;
	at: Record<string, { at: string; by: string; sent: 'unsent' | 'receipted' }>;
	conflicts: Conflict[];
	changes: (Change & { table: string; key: string })[];
	signedIn: boolean;
	setup: boolean;
}
interface Answer {
	status: number;
	body: unknown;
}

const STORE = 'simpul.mock';
const SCOPE = '13.73';
let tables: Table[] = [];
let kept: Kept;
let mode = new Set<string>();
let waiting: ((news: { tables: string[] }) => void)[] = [];
let counter = 0;

const tableOf = (name: string): Table => tables.find((table) => table.name === name)!;
const keyOf = (table: Table, values: Values): Key => table.key.map((column) => values[column] ?? null);
const nameOf = (table: string, key: Key): string => `${table} ${JSON.stringify(key)}`;
const ok = (body: unknown, status = 200): Answer => ({ status, body });
const bad = (status: number, code: string, detail: string, more: object = {}): Answer => ({
	status,
	body: { code, detail, advice: { id: detail, en: detail }, ...more },
});

const user = {
	id: 'u1',
	login: 'rina',
	name: 'Rina Marlina',
	role: 'operator',
	org_id: 'diskominfo',
	language: 'id',
};

function session(): Session {
	return {
		user: kept.signedIn ? user : null,
		csrf: 'mock',
		setup: kept.setup,
		node: {
			name: 'Diskominfo Sawahlunto',
			hub: mode.has('hub'),
			scope: mode.has('hub') ? null : SCOPE,
			words: 'norih-bivih-sorot-kuruj-povip-kunop',
			workspace: 'masterplan',
			version: '0.2',
		},
	};
}

function meta(): Meta {
	return {
		workspace: 'masterplan',
		hub: mode.has('hub'),
		scope: mode.has('hub') ? null : SCOPE,
		role: 'operator',
		tables,
		app: { app: 'masterplan' },
		views: [
			{ name: 'object_state', columns: [] },
			{ name: 'quick_win_percent', columns: [] },
			{ name: 'obligation', columns: [] },
		],
		roles: [{ name: 'operator', label: { id: 'Operator daerah', en: 'Regional operator' } }],
	};
}

function status(): Status {
	const waitingN = Object.values(kept.at).filter((row) => row.sent === 'unsent').length,
		since = new Date(Date.now() - 51 * 3600e3).toISOString();
	const line =
		waitingN > 0
			? {
					code: 'offline',
					id: `Tanpa internet sejak Jumat 14.05 · ${waitingN} belum terkirim · pekerjaan tetap aman`,
					en: `No internet since Friday 14.05 · ${waitingN} not sent · work is safe`,
				}
			: {
					code: 'connected',
					id: 'Tersambung · semua terkirim, tanda terima 10.42',
					en: 'Connected · all sent, receipt 10.42',
				};
	return {
		line: { ...line, since },
		waiting: waitingN,
		sent: 0,
		receipted: 812,
		contested: kept.conflicts.length,
		reasons:
			waitingN > 0
				? [
						{
							code: 'no-network',
							id: 'Komputer ini tidak tersambung ke jaringan mana pun. Semua pekerjaan tersimpan di sini dan dikirim sendiri begitu ada jaringan.',
							en: 'This computer is on no network. All work is kept here and is sent by itself once there is one.',
						},
					]
				: [],
		last_contact: since,
		last_receipt: since,
		peers: [],
		clock_skew_ms: 1200,
	};
}

function row(table: Table, values: Values): Row {
	const key = keyOf(table, values),
		state = kept.at[nameOf(table.name, key)];
	const contested = kept.conflicts
		.filter((c) => c.table === table.name && JSON.stringify(c.key) === JSON.stringify(key))
		.flatMap((c) => c.columns);
	return {
		key,
		values: { ...values },
		seen: `s${counter}`,
		state: {
			at: state?.at ?? '2026-09-07T03:42:00Z',
			by: state?.by ?? 'Hendri Saputra',
			sent: state?.sent ?? 'receipted',
			contested,
		},
	};
}

function matches(values: Values, query: URLSearchParams): boolean {
	for (const [name, wanted] of query) {
		const [column = '', how] = name.split('.');
		if (['limit', 'after', 'order', 'total', 'q'].includes(column)) continue;
		const value = values[column] ?? null;
		if (
			how === 'null'
				? value !== null
				: how === 'in'
					? !wanted.split(',').includes(String(value))
					: String(value) !== wanted
		)
			return false;
	}
	return true;
}

function ordered(list: Values[], order: string | null): Values[] {
	for (const name of (order ?? '')
		.split(',')
		.filter((n) => n !== '')
		.reverse()) {
		const column = name.replace('-', ''),
			sign = name.startsWith('-') ? -1 : 1;
		list = [...list].sort(
			(a, b) =>
				sign *
				(typeof a[column] === 'number'
					? Number(a[column]) - Number(b[column])
					: String(a[column]).localeCompare(String(b[column]))),
		);
	}
	return list;
}

function checkColumn(column: Column, value: Value, errors: object[]): void {
	const say = (id: string): void => void errors.push({ column: column.name, code: 'check', id, en: id });
	if (value === null || value === undefined) {
		if (!column.null && column.default === undefined) say('Wajib diisi');
	} else if (column.choices !== undefined && !column.choices.includes(String(value)))
		say('Bukan salah satu pilihan');
	else if (column.min !== undefined && (Number(value) < column.min || Number(value) > column.max!))
		say(`Antara ${column.min} dan ${column.max}`);
	else if (column.name === 'statement' && String(value).length < 5) say('Paling sedikit 5 huruf');
}

function note(table: Table, values: Values, columns: Values, by = user.name): void {
	const key = keyOf(table, values),
		name = nameOf(table.name, key),
		at = new Date().toISOString();
	kept.at[name] = { at, by, sent: 'unsent' };
	for (const [column, value] of Object.entries(columns))
		kept.changes.push({
			table: table.name,
			key: JSON.stringify(key),
			at,
			by,
			node: 'Diskominfo Sawahlunto',
			column,
			value,
			changeset: null,
			sent: 'unsent',
		});
	counter++;
	keep([table.name]);
}

function keep(changed: string[]): void {
	localStorage.setItem(STORE, JSON.stringify(kept));
	for (const call of waiting.splice(0)) call({ tables: changed });
}

function insert(table: Table, given: Values): Answer {
	const values: Values = {};
	for (const column of table.columns) values[column.name] = given[column.name] ?? column.default ?? null;
	if ('scope' in values) values['scope'] ??= SCOPE;
	const errors: object[] = [];
	for (const column of table.columns) checkColumn(column, values[column.name] ?? null, errors);
	if (errors.length > 0) return bad(422, 'constraint', 'Ada isian yang perlu diperbaiki', { errors });
	const list = kept.rows[table.name]!,
		key = JSON.stringify(keyOf(table, values));
	const there = list.find((old) => JSON.stringify(keyOf(table, old)) === key);
	if (there !== undefined) return bad(409, 'exists', 'Baris ini sudah ada', { row: row(table, there) });
	list.push(values);
	note(table, values, values);
	return ok({ row: row(table, values), seen: `s${counter}` }, 201);
}

function find(table: Table, key: string): Values | undefined {
	return kept.rows[table.name]!.find((values) => JSON.stringify(keyOf(table, values)) === key);
}

function update(table: Table, key: string, given: Values): Answer {
	const values = find(table, key),
		errors: object[] = [];
	if (values === undefined) return bad(404, 'not-found', 'Baris ini tidak ada lagi');
	for (const [name, value] of Object.entries(given))
		checkColumn(
			table.columns.find((column) => column.name === name)!,
			value,
			errors,
		);
	if (errors.length > 0) return bad(422, 'constraint', 'Ada isian yang perlu diperbaiki', { errors });
	Object.assign(values, given);
	note(table, values, given);
	return ok({ row: row(table, values), seen: `s${counter}`, contested: [] });
}

function view(name: string): Values[] {
	const newestFirst = (list: Values[], by: (v: Values) => string): Values[] => {
		const best = new Map<string, Values>();
		for (const values of list) best.set(by(values), values);
		return [...best.values()];
	};
	if (name === 'object_state')
		return newestFirst(
			ordered(kept.rows['status_event']!, 'ts'),
			(v) => `${v['object_kind']} ${v['object_id']}`,
		).map((v) => ({
			scope: v['scope']!,
			object_kind: v['object_kind']!,
			object_id: v['object_id']!,
			state: v['to_state']!,
			ts: v['ts']!,
			actor: v['actor']!,
		}));
	if (name === 'quick_win_percent')
		return newestFirst(ordered(kept.rows['qw_progress']!, 'as_of'), (v) => String(v['quick_win_id']));
	if (name === 'obligation')
		return [
			['mou', 'Nota kesepahaman'],
			['sk_dewan', 'SK Dewan Smart City'],
			['sk_tim_pelaksana', 'SK Tim Pelaksana'],
		].map(([kind, label]) => ({
			scope: SCOPE,
			kind: kind!,
			label_id: label!,
			label_en: label!,
			decision_id: kept.rows['decision']!.find((d) => d['kind'] === kind)?.['id'] ?? null,
		}));
	return [];
}

function rowsRoute(method: string, table: Table, query: URLSearchParams, body: { values: Values }): Answer {
	if (method === 'POST') return insert(table, body.values);
	let list = kept.rows[table.name]!.filter((values) => matches(values, query));
	const words = query.get('q')?.toLowerCase();
	if (words)
		list = list.filter((values) =>
			Object.values(values).some((value) => String(value).toLowerCase().includes(words)),
		);
	return ok({
		rows: ordered(list, query.get('order')).map((values) => row(table, values)),
		next: null,
		total: list.length,
		seen: `s${counter}`,
	});
}

function rowRoute(method: string, table: Table, query: URLSearchParams, body: { values: Values }): Answer {
	const key = query.get('key')!,
		values = find(table, key);
	if (method === 'PATCH') return update(table, key, body.values);
	if (values === undefined) return bad(404, 'not-found', 'Baris ini tidak ada lagi');
	if (method === 'DELETE') {
		kept.rows[table.name] = kept.rows[table.name]!.filter((other) => other !== values);
		delete kept.at[nameOf(table.name, keyOf(table, values))];
		counter++;
		keep([table.name]);
		return ok(null, 204);
	}
	return ok({ row: row(table, values), seen: `s${counter}` });
}

type BatchWrite = { op: string; table: string; key?: Key; values?: Values };
function batch(body: { writes: BatchWrite[]; dry_run?: boolean }): Answer {
	const rows: Row[] = [],
		errors: object[] = [],
		before = JSON.stringify(kept);
	body.writes.forEach((write, index) => {
		const table = tableOf(write.table),
			key = JSON.stringify(write.key ?? keyOf(table, { scope: SCOPE, ...write.values }));
		const there = find(table, key) !== undefined;
		const answer =
			write.op === 'delete'
				? rowRoute('DELETE', table, new URLSearchParams({ key }), { values: {} })
				: there && write.op !== 'insert'
					? update(table, key, write.values ?? {})
					: insert(table, write.values ?? {});
		if (answer.status >= 400)
			errors.push(
				...((answer.body as { errors?: object[] }).errors ?? [answer.body as object]).map((e) => ({
					...e,
					index,
				})),
			);
		else if (answer.body !== null) rows.push((answer.body as { row: Row }).row);
	});
	if (errors.length > 0 || body.dry_run === true) {
		kept = JSON.parse(before) as Kept;
		keep([]);
	}
	return errors.length > 0
		? bad(422, 'constraint', 'Ada baris yang perlu diperbaiki', { errors })
		: ok({ rows, seen: `s${counter}` });
}

function conflictRoute(no: number, body: { n?: number; values?: Values }): Answer {
	const conflict = kept.conflicts.find((one) => one.no === no)!;
	const values = body.values ?? conflict.values.find((value) => value.n === body.n)!.values;
	kept.conflicts = kept.conflicts.filter((one) => one !== conflict);
	update(tableOf(conflict.table), JSON.stringify(conflict.key), values);
	return ok(null, 204);
}

function sessionRoute(method: string, body: Record<string, string>): Answer {
	if (method === 'POST') {
		if (body['password'] !== 'sandi-contoh')
			return bad(401, 'unauthorized', 'Sandi contoh: sandi-contoh');
		kept.signedIn = true;
	} else if (method === 'DELETE') kept.signedIn = false;
	else if (method === 'PATCH') user.language = body['language'] ?? user.language;
	keep([]);
	return ok(session());
}

function route(method: string, path: string, query: URLSearchParams, body: never): Answer {
	const [, what = '', name = ''] = path.split('/');
	switch (what) {
		case 'session':
			return sessionRoute(method, body);
		case 'setup':
			Object.assign(kept, { setup: false, signedIn: true });
			keep([]);
			return ok(session());
		case 'meta':
			return ok(meta());
		case 'status':
			return ok(status());
		case 'rows':
			return rowsRoute(method, tableOf(name), query, body);
		case 'row':
			return rowRoute(method, tableOf(name), query, body);
		case 'batch':
			return batch(body);
		case 'views':
			return ok({ rows: view(name).filter((values) => matches(values, query)), next: null });
		case 'history':
			return ok({
				changes: kept.changes
					.filter(
						(c) =>
							c.table === name &&
							c.key === query.get('key') &&
							(query.get('column') === null || c.column === query.get('column')),
					)
					.reverse(),
			});
		case 'conflicts':
			return method === 'POST' ? conflictRoute(Number(name), body) : ok({ conflicts: kept.conflicts });
		default:
			return bad(404, 'not-found', `${method} ${path} is not played`);
	}
}

function events(signal: AbortSignal | null): Promise<Answer> {
	return new Promise((done, fail) => {
		const end = (list: string[]): void =>
			done(ok({ cursor: `c${counter}`, tables: list, status: list.length > 0 }));
		waiting.push((news) => end(news.tables));
		setTimeout(() => end([]), 20000);
		signal?.addEventListener('abort', () => fail(new DOMException('', 'AbortError')));
	});
}

async function transport(address: string, init: RequestInit): Promise<Response> {
	const url = new URL(address, location.origin),
		path = url.pathname.replace('/api', '');
	if (mode.has('offline') && counter >= 0 && (init.method !== 'GET' || path === '/events'))
		throw new TypeError('the node does not answer');
	if (mode.has('slow'))
		await new Promise((done) => {
			setTimeout(done, 1500);
		});
	const body = typeof init.body === 'string' ? (JSON.parse(init.body) as never) : (undefined as never);
	const answer =
		path === '/events'
			? await events(init.signal ?? null)
			: route(init.method ?? 'GET', path, url.searchParams, body);
	return new Response(answer.body === null ? null : JSON.stringify(answer.body), {
		status: answer.status,
		headers: { 'Content-Type': 'application/json' },
	});
}

function conflictsOf(): Conflict[] {
	const both = (no: number, column: string, a: Value, b: Value): Conflict => ({
		no,
		table: 'quick_win',
		key: [SCOPE, 'qw-dada'],
		columns: [column],
		values: [
			{
				n: 1,
				values: { [column]: a },
				shown: true,
				by: 'Hendri Saputra',
				node: 'Laptop Dinas Kebudayaan',
				at: '2026-11-20T07:05:00Z',
			},
			{
				n: 2,
				values: { [column]: b },
				shown: false,
				by: 'Rina Marlina',
				node: 'Diskominfo Sawahlunto',
				at: '2026-11-20T08:12:00Z',
			},
		],
	});
	return [
		both(
			1,
			'benefit',
			'Objek yang rusak diketahui lebih cepat; sekolah dan pemandu memakai satu sumber.',
			'Objek yang rusak diketahui pada hari yang sama; sekolah, pemandu, dan peneliti memakai satu sumber data.',
		),
		both(2, 'target_on', '2023-12-15', '2023-11-30'),
	];
}

export async function startMock(): Promise<void> {
	mode = new Set(
		(new URLSearchParams(location.search).get('mock') ?? sessionStorage.getItem(STORE) ?? '').split(','),
	);
	sessionStorage.setItem(STORE, [...mode].filter((one) => one !== 'reset').join(','));
	const seed = (await (await fetch('/seed.json')).json()) as {
		tables: Table[];
		rows: Record<string, Values[]>;
	};
	tables = seed.tables;
	const old = mode.has('reset') ? null : localStorage.getItem(STORE);
	kept =
		old !== null
			? (JSON.parse(old) as Kept)
			: {
					rows: seed.rows,
					at: {},
					conflicts: conflictsOf(),
					changes: [],
					signedIn: true,
					setup: false,
				};
	if (mode.has('empty'))
		for (const table of tables)
			if (table.scope !== 'national' && !['organization', 'stage', 'person'].includes(table.name))
				kept.rows[table.name] = [];
	if (mode.has('empty')) kept.conflicts = [];
	if (mode.has('login') || mode.has('setup'))
		Object.assign(kept, { signedIn: false, setup: mode.has('setup') });
	useTransport(transport);
}
