// store.ts - what has been read from the node, and is read again when it changed there.
//
// A query has a name, the tables that it depends on, and a way to load it.  While some component shows it, a
// change of one of its tables loads it again in the background: what is on the screen stays until the new is here.
import { useEffect, useState } from 'preact/hooks';
import { api, queryOf, type Filter, type Key, type Problem, type Row, type Values } from './api.ts';

export interface Read<T> {
	value: T | undefined;
	problem: Problem | undefined;
	again: () => void;
}

interface Query {
	name: string;
	tables: string[];
	load: () => Promise<unknown>;
	value?: unknown;
	problem?: Problem | undefined;
	users: Set<() => void>;
	running: Promise<void> | null;
	stale: boolean;
}

const queries = new Map<string, Query>();

function tell(query: Query): void {
	for (const user of [...query.users]) user();
}

function run(query: Query): Promise<void> {
	if (query.running !== null) {
		query.stale = true; // it changed while it was read: once more
		return query.running;
	}
	query.stale = false;
	query.running = query
		.load()
		.then(
			(value) => {
				query.value = value;
				query.problem = undefined;
			},
			(problem: Problem) => {
				query.problem = problem;
			},
		)
		.then(() => {
			query.running = null;
			tell(query);
			if (query.stale) void run(query);
		});
	return query.running;
}

export function useRead<T>(name: string, tables: string[], load: () => Promise<T>): Read<T> {
	const [, redraw] = useState(0);
	let query = queries.get(name);
	if (query === undefined)
		queries.set(name, (query = { name, tables, load, users: new Set(), running: null, stale: true }));
	query.load = load;
	const mine = query;
	useEffect(() => {
		const user = (): void => redraw((n) => n + 1);
		mine.users.add(user);
		if (mine.stale && mine.running === null) void run(mine);
		return () => void mine.users.delete(user);
	}, [name]);
	return { value: mine.value as T | undefined, problem: mine.problem, again: () => void run(mine) };
}

export function useRows(table: string, filter: Filter = {}): Read<Row[]> {
	return useRead(`rows/${table}${queryOf(filter)}`, [table], () => api.allRows(table, filter));
}

export function useView(view: string, tables: string[], filter: Filter = {}): Read<Values[]> {
	return useRead(`view/${view}${queryOf(filter)}`, tables, () => api.view(view, filter));
}

// Rows of these tables changed, here or elsewhere.
export function changed(tables: string[]): void {
	for (const query of queries.values()) {
		if (!query.tables.some((table) => tables.includes(table))) continue;
		query.stale = true;
		if (query.users.size > 0) void run(query);
	}
}

export function forgetAll(): void {
	for (const query of queries.values()) query.stale = true;
	for (const [name, query] of queries)
		if (query.users.size === 0) queries.delete(name);
		else void run(query);
}

export const sameKey = (a: Key, b: Key): boolean =>
	a.length === b.length && a.every((part, i) => part === b[i]);

// Our own write has been answered: the row stands in what is shown before the node says that it changed.
export function placed(table: string, row: Row): void {
	for (const query of queries.values()) {
		const rows = query.value as Row[] | undefined;
		if (
			!query.name.startsWith(`rows/${table}`) ||
			!/^rows\/[^?]*(\?|$)/.test(query.name) ||
			!Array.isArray(rows)
		)
			continue;
		const at = rows.findIndex((old) => sameKey(old.key, row.key));
		if (at < 0 || query.tables[0] !== table) continue;
		query.value = rows.map((old, i) => (i === at ? row : old));
		tell(query);
	}
}
