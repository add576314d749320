// cells.ts - a worksheet's columns: how a value is shown, how what was typed or pasted becomes one.
import type { Column, Row, Value, Values } from './api.ts';
import { date, number, parseDate, parseNumber, percent, rupiah } from './format.ts';
import type { Option } from './parts/fields.tsx';
import type { Reference } from './reference.ts';
import { language, words } from './text/index.ts';

export type CellKind = 'text' | 'long' | 'number' | 'money' | 'points' | 'choice' | 'date';

export interface GridColumn {
	name: string;
	label: string;
	help?: string;
	width: number;
	kind: CellKind;
	required: boolean;
	options: Option[];
	aliases: Map<string, string>;
	min?: number;
	max?: number;
	shortest?: number;
	readOnly?: boolean;
}

// value: what to store; mapped: another name was understood; error: why it can't be stored.
export interface Parsed {
	value: Value;
	mapped?: string;
	error?: string;
}

const plain = (text: string): string => text.trim().toLowerCase().replace(/\s+/g, ' ');

function parseChoice(column: GridColumn, text: string): Parsed {
	const wanted = plain(text);
	const exact = column.options.find((o) => plain(o.label) === wanted || plain(o.value) === wanted);
	if (exact !== undefined) return { value: exact.value };
	const alias = column.aliases.get(wanted);
	const found =
		column.options.find((o) => o.value === alias) ??
		only(column.options.filter((o) => plain(o.label).startsWith(wanted)));
	if (found !== undefined) return { value: found.value, mapped: found.label };
	return { value: null, error: words.grid.notChoice(text.trim()) };
}

const only = <T>(list: T[]): T | undefined => (list.length === 1 ? list[0] : undefined);

function parseAmount(column: GridColumn, text: string): Parsed {
	const value = parseNumber(text);
	if (Number.isNaN(value)) return { value: null, error: words.grid.notNumber(text.trim()) };
	const stored = column.kind === 'points' ? Math.round(value * 100) : value;
	if (column.kind !== 'text' && !Number.isInteger(stored))
		return { value: null, error: words.grid.notWhole };
	if (
		(column.min !== undefined && stored < column.min) ||
		(column.max !== undefined && stored > column.max)
	) {
		const scale = column.kind === 'points' ? 100 : 1;
		return {
			value: null,
			error: words.grid.between(number((column.min ?? 0) / scale), number((column.max ?? 0) / scale)),
		};
	}
	return { value: stored };
}

export function parse(column: GridColumn, text: string): Parsed {
	if (text.trim() === '')
		return column.required ? { value: null, error: words.grid.missing } : { value: null };
	switch (column.kind) {
		case 'choice':
			return parseChoice(column, text);
		case 'number':
		case 'money':
		case 'points':
			return parseAmount(column, text);
		case 'date': {
			const serial = /^\d{5}$/.test(text.trim())
				? new Date(Date.UTC(1899, 11, 30) + Number(text) * 86400e3).toISOString().slice(0, 10)
				: null; // a day as Excel counts it
			const day = serial ?? parseDate(text);
			return day === null ? { value: null, error: words.grid.notDate } : { value: day };
		}
		default: {
			const value = text.replace(/\r\n?/g, '\n').trim();
			return value.length < (column.shortest ?? 0)
				? { value, error: words.grid.short(column.shortest!) }
				: { value };
		}
	}
}

export function show(column: GridColumn, value: Value | undefined): string {
	if (value === null || value === undefined) return '';
	switch (column.kind) {
		case 'choice':
			return (
				column.options.find((o) => o.value === value)?.label ??
				words.common.unknownName(String(value))
			);
		case 'number':
			return column.name.endsWith('year') || column.name.startsWith('year')
				? String(value)
				: number(Number(value), Number.isInteger(value) ? 0 : 2);
		case 'money':
			return rupiah(Number(value));
		case 'points':
			return percent(Number(value) / 100, Number(value) % 100 === 0 ? 0 : 2);
		case 'date':
			return date(String(value));
		default:
			return String(value);
	}
}

// The text with which editing begins.
export function editable(column: GridColumn, value: Value | undefined): string {
	if (value === null || value === undefined) return '';
	if (column.kind === 'money') return number(Number(value));
	if (column.kind === 'points') return number(Number(value) / 100, Number(value) % 100 === 0 ? 0 : 2);
	if (column.kind === 'date') {
		const [y, m, d] = String(value).split('-');
		return `${Number(d)}/${Number(m)}/${y}`;
	}
	return column.kind === 'choice' ? show(column, value) : String(value);
}

interface TemplateColumn {
	column: string;
	id: string;
	en: string;
	width?: number;
	required?: boolean;
	long?: boolean;
	number?: boolean;
	date?: boolean;
	unit?: string;
	choice?: string | Record<string, string>;
	help_id?: string;
	help_en?: string;
}

export interface Lists {
	programme?: Row[] | undefined;
	quick_win?: Row[] | undefined;
}

function optionsOf(
	choice: string | Record<string, string> | undefined,
	reference: Reference,
	lists: Lists,
): Option[] {
	const named = (rows: Values[], value: string, label: string): Option[] =>
		rows.map((row) => ({ value: String(row[value]), label: String(row[label]) }));
	if (typeof choice === 'object') return Object.entries(choice).map(([value, label]) => ({ value, label }));
	switch (choice) {
		case 'dimension':
			return named(reference.dimensions, 'code', 'name');
		case 'organization':
			return named(reference.units, 'id', 'name');
		case 'programme':
		case 'quick_win':
			return named(
				(lists[choice] ?? []).map((row) => row.values),
				'id',
				'name',
			);
		default:
			return [];
	}
}

function kindOf(column: TemplateColumn): CellKind {
	if (column.choice !== undefined) return 'choice';
	if (column.number === true)
		return column.unit === 'rp' ? 'money' : column.unit === 'bp' ? 'points' : 'number';
	return column.date === true ? 'date' : column.long === true ? 'long' : 'text';
}

function columnOf(
	from: TemplateColumn,
	info: Column | undefined,
	reference: Reference,
	lists: Lists,
): GridColumn {
	const kind = kindOf(from),
		help = language === 'en' ? (from.help_en ?? from.help_id) : from.help_id;
	let options = optionsOf(from.choice, reference, lists);
	if (kind === 'choice' && options.length === 0)
		options = (info?.choices ?? []).map((value) => ({ value, label: value }));
	return {
		name: from.column,
		label: language === 'en' ? from.en : from.id,
		width: from.width ?? 20,
		kind,
		options,
		required: from.required === true,
		aliases: from.choice === 'dimension' ? reference.aliases : new Map<string, string>(),
		...(help === undefined ? {} : { help }),
		...(info?.min === undefined ? {} : { min: info.min, max: info.max! }),
		...(from.column === 'statement' ? { shortest: 5 } : {}),
	};
}

// The columns of a worksheet as its template orders them; before them what the table demands and nobody else fills in.
export function columnsOf(
	template: Values,
	infos: Column[],
	filled: Values,
	reference: Reference,
	lists: Lists,
): GridColumn[] {
	const listed = JSON.parse(String(template['json_columns'])) as TemplateColumn[];
	const missing = infos.filter(
		(info) =>
			!info.null &&
			info.default === undefined &&
			!(info.name in filled) &&
			!listed.some((column) => column.column === info.name),
	);
	const added = missing.map((info): TemplateColumn =>
		info.name === 'dimension_code'
			? {
					column: info.name,
					id: words.grid.dimension,
					en: words.grid.dimension,
					width: 14,
					required: true,
					choice: 'dimension',
				}
			: {
					column: info.name,
					id: info.label?.id ?? info.name,
					en: info.label?.en ?? info.name,
					required: true,
				},
	);
	return [...added, ...listed]
		.map((column) =>
			columnOf(
				column,
				infos.find((info) => info.name === column.column),
				reference,
				lists,
			),
		)
		.filter((column) => infos.some((info) => info.name === column.name));
}

// A block as Excel and LibreOffice put it on the clipboard: tabs, lines, quotes around what has lines in it.
export function parseBlock(text: string): string[][] {
	const rows: string[][] = [[]];
	let cell = '',
		quoted = false;
	for (let i = 0; i < text.length; i++) {
		const c = text[i]!;
		if (quoted) {
			if (c === '"' && text[i + 1] === '"') cell += text[++i]!;
			else if (c === '"') quoted = false;
			else cell += c;
		} else if (c === '"' && cell === '') quoted = true;
		else if (c === '\t' || c === '\n') {
			rows[rows.length - 1]!.push(cell);
			cell = '';
			if (c === '\n') rows.push([]);
		} else if (c !== '\r') cell += c;
	}
	rows[rows.length - 1]!.push(cell);
	return rows.filter((row) => row.some((text_) => text_.trim() !== ''));
}

// And back: what is copied here can be pasted there.
export const formatBlock = (rows: string[][]): string =>
	rows
		.map((row) =>
			row.map((cell) => (/[\t\n"]/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell)).join('\t'),
		)
		.join('\n');

// The columns that a pasted block's first line names, if it is a line of headings.
export function headings(columns: GridColumn[], line: string[]): (GridColumn | null)[] | null {
	const found = line.map(
		(text) =>
			columns.find((column) => plain(column.label) === plain(text) || column.name === plain(text)) ??
			null,
	);
	return found.filter((column) => column !== null).length >= Math.min(2, line.length) ? found : null;
}
