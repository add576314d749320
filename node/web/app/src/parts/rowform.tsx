// parts/rowform.tsx - one row as a form, each field saved by itself: how a phone fills in a worksheet.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Key, Value } from '../api.ts';
import { editable, parse, type GridColumn } from '../cells.ts';
import { said, words } from '../text/index.ts';
import { AreaField, SelectField, TextField } from './fields.tsx';
import type { SheetRow } from './rows.ts';
import { Meanwhile, RowState } from './saved.tsx';

const PAUSE_MS = 1500; // who stops typing this long has finished a thought: it is saved

export function RowForm({
	row,
	columns,
	table,
	mayEdit,
	put,
	focused,
}: {
	row: SheetRow;
	columns: GridColumn[];
	table: string;
	mayEdit: boolean;
	put: (key: Key, column: string, value: Value) => void;
	focused?: (column: GridColumn) => void;
}): JSX.Element {
	return (
		<div class="row-form">
			{row.unsaved !== undefined && (
				<Meanwhile
					unsaved={row.unsaved}
					labels={(name) => columns.find((one) => one.name === name)?.label ?? name}
				/>
			)}
			{columns.map((column) => (
				<div key={column.name} onFocusCapture={() => focused?.(column)}>
					<OneField
						row={row}
						column={column}
						mayEdit={mayEdit}
						put={(value) => put(row.key, column.name, value)}
					/>
				</div>
			))}
			<div class="row-at">
				<RowState row={row} table={table} />
			</div>
		</div>
	);
}

// A field of any kind that saves itself: when it is left, and after a pause.
export function OneField({
	row,
	column,
	mayEdit,
	put,
	aside,
}: {
	row: SheetRow;
	column: GridColumn;
	mayEdit: boolean;
	put: (value: Value) => void;
	aside?: JSX.Element;
}): JSX.Element {
	const stored = row.values[column.name] ?? null,
		name = `simpul.typing.${JSON.stringify(row.key)}.${column.name}`;
	const [text, setText] = useState(() => localStorage.getItem(name) ?? editable(column, stored)),
		[error, setError] = useState<string>();
	const timer = useRef<ReturnType<typeof setTimeout>>(),
		shown = useRef(stored);
	useEffect(() => {
		// it changed elsewhere while nobody types here
		if (stored === shown.current) return;
		shown.current = stored;
		if (localStorage.getItem(name) === null) setText(editable(column, stored));
	}, [stored]);
	const done = (value: string, leaving: boolean): void => {
		clearTimeout(timer.current);
		const parsed = parse(column, value);
		if (parsed.error !== undefined) {
			if (leaving) setError(parsed.error);
			return;
		}
		setError(undefined);
		localStorage.removeItem(name);
		if (parsed.value !== stored) {
			shown.current = parsed.value;
			put(parsed.value);
		}
		if (leaving) setText(editable(column, parsed.value));
	};
	const change = (value: string): void => {
		setText(value);
		localStorage.setItem(name, value);
		clearTimeout(timer.current);
		timer.current = setTimeout(() => done(value, false), PAUSE_MS);
	};
	const refused = row.unsaved?.errors.find((one) => one.column === column.name);
	const common = {
		label: column.label,
		aside,
		...(column.required ? { required: true } : {}),
		error: error ?? (refused === undefined ? undefined : said(refused)),
		...(column.help === undefined ? {} : { help: column.help }),
		disabled: !mayEdit || column.readOnly === true,
	};
	if (column.kind === 'choice')
		return (
			<SelectField
				{...common}
				value={String(stored ?? '')}
				options={column.options}
				empty={words.common.empty}
				change={(value) => put(value === '' ? null : value)}
			/>
		);
	const typed = { value: text, change, done: (value: string) => done(value, true) };
	if (column.kind === 'long') return <AreaField {...common} {...typed} rows={2} />;
	return (
		<TextField
			{...common}
			{...typed}
			inputmode={column.kind === 'text' || column.kind === 'date' ? 'text' : 'decimal'}
			{...(column.kind === 'date' ? { help: words.grid.dateHint } : {})}
		/>
	);
}
