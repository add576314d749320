// save.ts - what was typed and is not yet in the node's database: kept, tried again, never lost.
//
// Writes of one row are joined and go one after another; different rows go side by side.  Until the node has
// answered they also stand in the browser's own storage, so a page that is reloaded while the node is away goes on
// where it was.  A write that the node refuses stays, with its errors, until the person changes it.
import { useEffect, useState } from 'preact/hooks';
import { api, Problem, type FieldError, type Key, type Row, type Values } from './api.ts';
import { changed, placed } from './store.ts';

export interface Unsaved {
	table: string;
	key: Key;
	op: 'insert' | 'update' | 'delete';
	values: Values;
	since: number;
	seen?: string | undefined;
	tries: number;
	running: boolean;
	errors: FieldError[];
	problem: Problem | null;
	meanwhile: Row | null;
}

const STORE = 'simpul.unsaved';
const RETRY_MS = [500, 1000, 2000, 5000, 10000, 30000];
const AT_ONCE = 4;
const unsaved = new Map<string, Unsaved>();
const savedAt = new Map<string, number>();
const listeners = new Set<() => void>();
let owner = '';
let running = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

export const nameOf = (table: string, key: Key): string => `${table} ${JSON.stringify(key)}`;

function keep(): void {
	const list = [...unsaved.values()].map(({ table, key, op, values, since, seen }) => ({
		table,
		key,
		op,
		values,
		since,
		seen,
	}));
	try {
		if (list.length === 0) localStorage.removeItem(STORE + owner);
		else localStorage.setItem(STORE + owner, JSON.stringify(list));
	} catch {
		// no room, or forbidden: the page itself still has it
	}
	for (const listener of [...listeners]) listener();
}

// What this account left behind when the page closed.
export function resume(account: string): void {
	owner = `.${account}`;
	unsaved.clear();
	try {
		const list = JSON.parse(localStorage.getItem(STORE + owner) ?? '[]') as Unsaved[];
		for (const one of list)
			unsaved.set(nameOf(one.table, one.key), {
				...one,
				tries: 0,
				running: false,
				errors: [],
				problem: null,
				meanwhile: null,
			});
	} catch {
		localStorage.removeItem(STORE + owner);
	}
	keep();
	pump();
}

export interface Target {
	table: string;
	key: Key;
	seen?: string | undefined;
	fresh?: boolean;
}

// fresh: the row is not there yet and `values` makes it.
export function save(target: Target, values: Values): void {
	const name = nameOf(target.table, target.key),
		old = unsaved.get(name);
	const errors = (old?.errors ?? []).filter(
		(error) => error.column === undefined || !(error.column in values),
	);
	unsaved.set(name, {
		table: target.table,
		key: target.key,
		op: old?.op === 'insert' || target.fresh === true ? 'insert' : 'update',
		values: { ...old?.values, ...values },
		since: old?.since ?? Date.now(),
		seen: old?.seen ?? target.seen,
		tries: 0,
		running: old?.running ?? false,
		errors,
		problem: null,
		meanwhile: null,
	});
	keep();
	pump();
}

export function removeRow(target: Target): void {
	const name = nameOf(target.table, target.key),
		old = unsaved.get(name);
	if (old?.op === 'insert' && !old.running && old.tries === 0) {
		unsaved.delete(name);
		keep();
		return;
	}
	unsaved.set(name, {
		table: target.table,
		key: target.key,
		op: 'delete',
		values: {},
		since: Date.now(),
		seen: old?.seen ?? target.seen,
		tries: 0,
		running: old?.running ?? false,
		errors: [],
		problem: null,
		meanwhile: null,
	});
	keep();
	pump();
}

export function giveUp(table: string, key: Key): void {
	unsaved.delete(nameOf(table, key));
	keep();
}

// After "changed meanwhile": ours stands over what is there now.
export function saveAnyway(table: string, key: Key): void {
	const one = unsaved.get(nameOf(table, key));
	if (one === undefined) return;
	one.seen = one.meanwhile?.seen;
	one.meanwhile = null;
	one.problem = null;
	one.tries = 0;
	keep();
	pump();
}

function ready(one: Unsaved): boolean {
	return !one.running && one.meanwhile === null && (one.problem === null || one.problem.passing);
}

function pump(): void {
	for (const one of unsaved.values()) {
		if (running >= AT_ONCE) return;
		if (ready(one) && one.tries === 0) void write(one);
	}
}

function later(): void {
	clearTimeout(timer);
	const tries = Math.max(0, ...[...unsaved.values()].filter(ready).map((one) => one.tries));
	if (tries > 0) timer = setTimeout(retryNow, RETRY_MS[Math.min(tries, RETRY_MS.length) - 1]);
}

export function retryNow(): void {
	for (const one of unsaved.values()) {
		if (running >= AT_ONCE) break;
		if (ready(one)) void write(one);
	}
}

async function send(one: Unsaved, values: Values): Promise<Row | null> {
	if (one.op === 'delete') {
		await api.remove(one.table, one.key, one.seen);
		return null;
	}
	const answer =
		one.op === 'insert'
			? await api.insert(one.table, values)
			: await api.update(one.table, one.key, values, one.seen);
	return { ...answer.row, seen: answer.seen };
}

async function write(one: Unsaved): Promise<void> {
	const name = nameOf(one.table, one.key),
		values = one.values;
	one.running = true;
	running++;
	try {
		const row = await send(one, values);
		written(name, values, row);
	} catch (e) {
		refused(name, e instanceof Problem ? e : new Problem(0, 'fault', String(e), null, [], null, null));
	}
	running--;
	keep();
	pump();
	later();
}

// More may have been typed into the row while the answer was on its way.
function written(name: string, sent: Values, row: Row | null): void {
	const now = unsaved.get(name);
	savedAt.set(name, Date.now());
	if (now === undefined) return;
	const rest = Object.entries(now.values).filter(([column, value]) => sent[column] !== value);
	now.running = false;
	if (now.op === 'delete' && row !== null) {
		now.seen = row.seen;
		return;
	}
	if (row !== null) placed(now.table, row);
	if (rest.length === 0) {
		unsaved.delete(name);
		changed([now.table]);
		return;
	}
	Object.assign(now, {
		op: 'update',
		values: Object.fromEntries(rest),
		seen: row?.seen,
		tries: 0,
		problem: null,
	});
}

function refused(name: string, problem: Problem): void {
	const now = unsaved.get(name);
	if (now === undefined) return;
	now.running = false;
	if (problem.code === 'exists' && now.op === 'insert') {
		now.op = 'update'; // our first attempt arrived and its answer did not
		now.seen = problem.row?.seen;
		return;
	}
	now.tries++;
	now.problem = problem;
	now.errors = problem.errors;
	now.meanwhile = problem.code === 'changed-meanwhile' ? problem.row : null;
}

export const unsavedOf = (table: string, key: Key): Unsaved | undefined => unsaved.get(nameOf(table, key));
export const savedAtOf = (table: string, key: Key): number | undefined => savedAt.get(nameOf(table, key));
export const unsavedList = (table?: string): Unsaved[] =>
	[...unsaved.values()].filter((one) => table === undefined || one.table === table);

// Draws the component again when something was saved, refused or typed.
export function useSaving(): void {
	const [, redraw] = useState(0);
	useEffect(() => {
		const listener = (): void => redraw((n) => n + 1);
		listeners.add(listener);
		return () => void listeners.delete(listener);
	}, []);
}

window.addEventListener('online', retryNow);
window.addEventListener('beforeunload', (event) => {
	if (unsaved.size > 0) event.preventDefault();
});
