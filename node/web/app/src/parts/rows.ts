// parts/rows.ts - the rows of one sheet as a person has them: what the node has, what is being saved, what is begun.
//
// A row that the table would refuse because something required is missing is a draft: it lives in the browser's
// storage, says so, and goes to the node the moment it is complete.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Key, Row, Value, Values } from '../api.ts';
import type { GridColumn } from '../cells.ts';
import { removeRow, save, unsavedList, unsavedOf, useSaving, type Unsaved } from '../save.ts';
import { sameKey } from '../store.ts';

export interface SheetRow {
	key: Key;
	values: Values;
	server: Row | null;
	unsaved: Unsaved | undefined;
	missing: GridColumn[];
}
export interface CellChange {
	key: Key;
	column: string;
	value: Value;
}
interface Step {
	back: () => void;
	size: number;
}

export interface Sheet {
	rows: SheetRow[];
	steps: number;
	set: (changes: CellChange[]) => void;
	add: (values: Values) => Key;
	addMany: (list: Values[]) => void;
	remove: (keys: Key[]) => void;
	undo: () => void;
}

export interface SheetSource {
	name: string;
	table: string;
	rows: Row[];
	columns: GridColumn[];
	fixed: Values;
	newKey: (values: Values) => Key;
	keyColumns: string[];
	before?: () => void; // called before the first row of a sheet is made
}

interface Draft {
	key: Key;
	values: Values;
}

function readDrafts(name: string): Draft[] {
	try {
		return JSON.parse(localStorage.getItem(name) ?? '[]') as Draft[];
	} catch {
		return [];
	}
}

const missingOf = (columns: GridColumn[], values: Values): GridColumn[] =>
	columns.filter((column) => column.required && (values[column.name] ?? null) === null);

export function useSheet(source: SheetSource): Sheet {
	useSaving();
	const store = `simpul.drafts.${source.name}`;
	const [drafts, setDrafts] = useState(() => readDrafts(store)),
		steps = useRef<Step[]>([]),
		[, redraw] = useState(0);
	const latest = useRef(drafts);
	const putDrafts = (next: Draft[]): void => {
		latest.current = next;
		try {
			localStorage.setItem(store, JSON.stringify(next));
		} catch {
			// no room: the page itself still has them
		}
		setDrafts(next);
	};
	useEffect(() => {
		latest.current = readDrafts(store);
		setDrafts(latest.current);
		steps.current = [];
	}, [store]);
	useEffect(() => {
		// what has arrived is no draft any more
		const open = latest.current.filter(
			(draft) => !source.rows.some((row) => sameKey(row.key, draft.key)),
		);
		if (open.length !== latest.current.length) putDrafts(open);
	}, [source.rows]);

	const rows = build(source, drafts);
	const sheet: Sheet = {
		rows,
		steps: steps.current.length,
		set: (changes) => {
			const before = changes.map((c) => ({
				...c,
				value: rows.find((row) => sameKey(row.key, c.key))?.values[c.column] ?? null,
			}));
			apply(changes);
			step({ size: changes.length, back: () => apply(before) });
		},
		add: (values) => {
			const key = begin([values])[0]!;
			step({ size: 1, back: () => drop([key]) });
			return key;
		},
		addMany: (list) => {
			const keys = begin(list);
			step({ size: list.length, back: () => drop(keys) });
		},
		remove: (keys) => {
			const gone = rows.filter((row) => keys.some((key) => sameKey(key, row.key)));
			drop(keys);
			step({ size: keys.length, back: () => restore(gone) });
		},
		undo: () => {
			steps.current.pop()?.back();
			redraw((n) => n + 1);
		},
	};
	return sheet;

	function step(one: Step): void {
		steps.current = [...steps.current.slice(-99), one];
		redraw((n) => n + 1);
	}

	function send(draft: Draft): void {
		source.before?.();
		save({ table: source.table, key: draft.key, fresh: true }, draft.values);
	}

	function begin(list: Values[]): Key[] {
		const made = list.map((values) => {
			const all = { ...source.fixed, ...values };
			const key = source.newKey(all);
			source.keyColumns.forEach((column, i) => {
				all[column] = key[i] ?? null;
			});
			return { key, values: all };
		});
		putDrafts([...latest.current, ...made]);
		for (const draft of made) if (missingOf(source.columns, draft.values).length === 0) send(draft);
		return made.map((draft) => draft.key);
	}

	function apply(changes: CellChange[]): void {
		const next = latest.current.map((draft) => ({ ...draft }));
		const touched = new Map<string, { key: Key; values: Values }>();
		for (const { key, column, value } of changes) {
			const name = JSON.stringify(key),
				one = touched.get(name) ?? { key, values: {} };
			one.values[column] = value;
			touched.set(name, one);
		}
		for (const { key, values } of touched.values())
			change(
				next.find((draft) => sameKey(draft.key, key)),
				key,
				values,
			);
		putDrafts(next);
	}

	function change(draft: Draft | undefined, key: Key, values: Values): void {
		const server = source.rows.find((row) => sameKey(row.key, key));
		if (draft === undefined || server !== undefined) {
			save({ table: source.table, key, seen: server?.seen }, values);
			return;
		}
		draft.values = { ...draft.values, ...values };
		if (
			missingOf(source.columns, draft.values).length === 0 ||
			unsavedOf(source.table, key) !== undefined
		)
			send(draft);
	}

	function drop(keys: Key[]): void {
		for (const key of keys) {
			const server = source.rows.find((row) => sameKey(row.key, key));
			if (server !== undefined || unsavedOf(source.table, key) !== undefined)
				removeRow({ table: source.table, key, seen: server?.seen });
		}
		putDrafts(latest.current.filter((draft) => !keys.some((key) => sameKey(key, draft.key))));
	}

	function restore(gone: SheetRow[]): void {
		putDrafts([...latest.current, ...gone.map(({ key, values }) => ({ key, values }))]);
		for (const row of gone)
			if (row.missing.length === 0)
				save({ table: source.table, key: row.key, fresh: true }, row.values);
	}
}

function build(source: SheetSource, drafts: Draft[]): SheetRow[] {
	const rows: SheetRow[] = [];
	for (const row of source.rows) {
		const unsaved = unsavedOf(source.table, row.key);
		if (unsaved?.op !== 'delete')
			rows.push({
				key: row.key,
				values: { ...row.values, ...unsaved?.values },
				server: row,
				unsaved,
				missing: [],
			});
	}
	const begun = [...drafts];
	for (const one of unsavedList(source.table))
		if (
			one.op === 'insert' &&
			!begun.some((draft) => sameKey(draft.key, one.key)) &&
			belongs(source, one.values)
		)
			begun.push({ key: one.key, values: one.values });
	for (const draft of begun) {
		const unsaved = unsavedOf(source.table, draft.key);
		if (unsaved?.op === 'delete' || rows.some((row) => sameKey(row.key, draft.key))) continue;
		const values = { ...draft.values, ...unsaved?.values };
		rows.push({
			key: draft.key,
			values,
			server: null,
			unsaved,
			missing: missingOf(source.columns, values),
		});
	}
	return rows;
}

const belongs = (source: SheetSource, values: Values): boolean =>
	Object.entries(source.fixed).every(([column, value]) => values[column] === value);
