// pages/worksheets.tsx - the worksheets of a region, and one of them as a grid (on a phone: as cards).
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Values } from '../api.ts';
import { columnsOf, show, type GridColumn } from '../cells.ts';
import {
	Badge,
	Button,
	Empty,
	Grid,
	History,
	Icon,
	LinkButton,
	Notice,
	PageHead,
	Panel,
	RowForm,
	RowState,
	Select,
	Shown,
	Tabs,
	Threads,
	useSheet,
	type Block,
	type SheetRow,
} from '../parts/index.ts';
import { orgName, unitNow, useReference, worksheetId, type Reference } from '../reference.ts';
import { go, goQuery, link } from '../router.ts';
import { mayWrite, scope, tableOf, useSession, userName } from '../session.ts';
import { openWorksheet, sheetOf, KINDS } from '../sheets.ts';
import { useRows, useView } from '../store.ts';
import { save } from '../save.ts';
import { newId } from '../api.ts';
import { language, words } from '../text/index.ts';
import { useWide } from '../wide.ts';
import { Matrix, useFilled } from './matrix.tsx';
import type { PageProps } from './index.ts';

export default function WorksheetsPage({ parts, query }: PageProps): JSX.Element {
	const reference = useReference(),
		{ session } = useSession();
	if (reference === undefined) return <p class="loading">{words.common.loading}</p>;
	const [code, unit] = parts,
		template = reference.templates.find((one) => one['code'] === code);
	if (code === undefined) return <List reference={reference} />;
	if (template === undefined) return <Notice tone="wait" title={words.problem.notFound} />;
	const mine = unit ?? unitNow(reference, session?.user?.org_id);
	if (unit !== undefined) localStorage.setItem('simpul.unit', unit);
	return (
		<OneSheet
			key={`${code}/${mine}`}
			reference={reference}
			template={template}
			unit={mine}
			query={query}
		/>
	);
}

export const titleOf = (template: Values): string =>
	String(template[language === 'en' ? 'title_en' : 'title_id']);

function List({ reference }: { reference: Reference }): JSX.Element {
	const filled = useFilled(reference);
	return (
		<div class="stack">
			<PageHead title={words.nav.worksheets} intro={words.sheets.intro} />
			<Panel flush>
				<table class="plain sheet-list">
					<thead>
						<tr>
							<th>{words.sheets.sheet}</th>
							<th>{words.sheets.stage}</th>
							<th>{words.sheets.by}</th>
							<th>{words.sheets.filled}</th>
						</tr>
					</thead>
					<tbody>
						{reference.templates.map((template) => {
							const kind = KINDS[String(template['kind'])],
								per = kind?.perUnit === true;
							const n = reference.units.filter(
								(unit) => filled(String(template['kind']), String(unit['id'])) > 0,
							).length;
							return (
								<tr key={String(template['code'])}>
									<td>
										<a
											href={
												kind?.page ?? link('kertas-kerja', String(template['code']))
											}
										>
											<b>{titleOf(template)}</b>
										</a>
										<span class="soft tiny"> {String(template['code'])}</span>
									</td>
									<td>{words.stages[Number(template['stage_no'])]}</td>
									<td>{words.sheets.filledBy[template['filled_by'] as 'opd']}</td>
									<td>
										{per
											? words.sheets.units(n, reference.units.length)
											: words.sheets.rows(filled(String(template['kind']), null))}
									</td>
								</tr>
							);
						})}
					</tbody>
				</table>
			</Panel>
			<Matrix reference={reference} />
		</div>
	);
}

function OneSheet({
	reference,
	template,
	unit,
	query,
}: {
	reference: Reference;
	template: Values;
	unit: string;
	query: URLSearchParams;
}): JSX.Element {
	const place = sheetOf(reference, template, unit)!,
		table = place.kind.table,
		info = tableOf(table);
	const rows = useRows(table, place.filter);
	const programmes = useRows('programme', { scope: scope() }),
		quickWins = useRows('quick_win', { scope: scope() });
	const columns =
		info === undefined
			? []
			: columnsOf(template, info.columns, { ...place.fixed, id: '' }, reference, {
					programme: programmes.value,
					quick_win: quickWins.value,
				});
	return (
		<div class="stack">
			<PageHead
				title={titleOf(template)}
				back={{ to: '/kertas-kerja', label: words.nav.worksheets }}
				intro={`${String(template['code'])} · ${words.stages[Number(template['stage_no'])]}`}
				actions={
					place.kind.perUnit ? (
						<UnitChoice reference={reference} unit={unit} code={String(template['code'])} />
					) : undefined
				}
			/>
			{info === undefined ? (
				<Notice tone="wait" title={words.problem.notFound} />
			) : (
				<Shown read={rows}>
					{(list) => (
						<Filled
							reference={reference}
							template={template}
							unit={unit}
							place={place}
							columns={columns}
							query={query}
							rows={[...list].sort(
								(a, b) =>
									Number(a.values['seq'] ?? 0) - Number(b.values['seq'] ?? 0) ||
									String(a.key[a.key.length - 1]).localeCompare(
										String(b.key[b.key.length - 1]),
									),
							)}
						/>
					)}
				</Shown>
			)}
		</div>
	);
}

function UnitChoice({
	reference,
	unit,
	code,
}: {
	reference: Reference;
	unit: string;
	code: string;
}): JSX.Element {
	return (
		<label class="unit-choice">
			<span class="small soft">{words.sheets.unit}</span>
			<Select
				value={unit}
				change={(to) => go(link('kertas-kerja', code, to))}
				options={reference.units.map((one) => ({
					value: String(one['id']),
					label: String(one['name']),
				}))}
			/>
		</label>
	);
}

type FilledProps = {
	reference: Reference;
	template: Values;
	unit: string;
	place: NonNullable<ReturnType<typeof sheetOf>>;
	columns: GridColumn[];
	rows: import('../api.ts').Row[];
	query: URLSearchParams;
};

function Filled({ reference, template, unit, place, columns, rows, query }: FilledProps): JSX.Element {
	const table = place.kind.table,
		wide = useWide();
	const mayEdit = mayWrite(table, place.kind.own === null ? undefined : unit);
	const nextSeq = (): Values =>
		columns.some((one) => one.name === 'seq')
			? { seq: Math.max(0, ...rows.map((row) => Number(row.values['seq'] ?? 0))) + 1 }
			: {};
	const begins: Values = Object.fromEntries(
		tableOf(table)!
			.columns.filter(
				(one) =>
					one.default !== undefined &&
					one.default !== null &&
					columns.some((c) => c.name === one.name),
			)
			.map((one) => [one.name, one.default!]),
	);
	const sheet = useSheet({
		name: `${String(template['code'])}/${unit}`,
		table,
		rows,
		columns,
		fixed: place.fixed,
		newKey: place.newKey,
		keyColumns: place.keyColumns,
		before: () => {
			if (place.worksheet !== null && rows.length === 0) openWorksheet(place.worksheet);
		},
	});
	const add = sheet.add;
	const named = {
		...sheet,
		add: (values: Values) => add({ ...begins, ...nextSeq(), ...values }),
		addMany: (list: Values[]) =>
			sheet.addMany(
				list.map((values, i) => ({
					...begins,
					...(nextSeq()['seq'] === undefined ? {} : { seq: Number(nextSeq()['seq']) + i }),
					...values,
				})),
			),
	};
	const [file, setFile] = useState<Block | null>(null);
	const [now, setNow] = useState<{ row: SheetRow | null; column: GridColumn | null }>({
		row: null,
		column: null,
	});
	if (!wide) return <Cards sheet={named} columns={columns} table={table} mayEdit={mayEdit} query={query} />;
	return (
		<>
			{!mayEdit && (
				<Notice tone="note">
					<p>{words.sheets.readOnly}</p>
				</Notice>
			)}
			{rows.length === 0 && sheet.rows.length === 0 && mayEdit && (
				<Notice tone="note" title={words.sheets.emptyTitle}>
					<p>{words.sheets.emptyText}</p>
				</Notice>
			)}
			<div class="side-by">
				<Grid
					sheet={named}
					columns={columns}
					table={table}
					label={titleOf(template)}
					mayEdit={mayEdit}
					selected={(row, column) => setNow({ row, column })}
					from={file}
					taken={() => setFile(null)}
					actions={
						<>
							<FromExcel take={setFile} />
							<ExportLinks table={table} place={place} unit={unit} />
						</>
					}
				/>
				<Context row={now.row} column={now.column} table={table} />
			</div>
			{place.worksheet !== null && mayEdit && sheet.rows.length > 0 && (
				<HandOver
					reference={reference}
					template={template}
					unit={unit}
					open={
						sheet.rows.filter((row) => row.missing.length > 0 || row.unsaved !== undefined).length
					}
				/>
			)}
		</>
	);
}

// A file is read in the browser and shown before any of it comes in.
function FromExcel({ take }: { take: (block: Block) => void }): JSX.Element {
	const [wrong, setWrong] = useState<string | null>(null),
		[busy, setBusy] = useState(false);
	const pick = async (file: File | undefined): Promise<void> => {
		if (file === undefined) return;
		setBusy(true);
		setWrong(null);
		try {
			const { readSheet } = await import('../xlsx.ts');
			take({ rows: await readSheet(file), name: file.name });
		} catch (e) {
			setWrong(
				(words.sheets.fileProblem as Record<string, string>)[(e as Error).message] ??
					words.sheets.fileProblem.sheet,
			);
		}
		setBusy(false);
	};
	return (
		<>
			<label class="button small">
				<Icon name="clip" size={15} />
				{busy ? words.common.loading : words.sheets.fromExcel}
				<input
					type="file"
					class="hidden"
					accept=".xlsx,.csv,.txt"
					onChange={(e) => {
						void pick(e.currentTarget.files?.[0]);
						e.currentTarget.value = '';
					}}
				/>
			</label>
			{wrong !== null && (
				<span class="small bad-text" role="alert">
					{wrong}
				</span>
			)}
		</>
	);
}

function ExportLinks({
	table,
	place,
	unit,
}: {
	table: string;
	place: NonNullable<ReturnType<typeof sheetOf>>;
	unit: string;
}): JSX.Element {
	const filter = place.kind.own === null ? '' : `?${place.kind.own}=${encodeURIComponent(unit)}`;
	return (
		<a class="button small" href={`/api/export/${table}.xlsx${filter}`} download>
			<Icon name="table" size={15} />
			{words.sheets.toExcel}
		</a>
	);
}

// At the right: what was in the selected cell before, and what experts said about the row.
function Context({
	row,
	column,
	table,
}: {
	row: SheetRow | null;
	column: GridColumn | null;
	table: string;
}): JSX.Element {
	const [tab, setTab] = useState<'history' | 'threads' | 'none'>(
		() => (localStorage.getItem('simpul.context') as 'history' | null) ?? 'none',
	);
	const choose = (to: typeof tab): void => {
		localStorage.setItem('simpul.context', to);
		setTab(to);
	};
	if (tab === 'none')
		return (
			<div class="context folded no-print">
				<Button
					kind="quiet"
					small
					icon="history"
					aria-label={words.sheets.context}
					title={words.sheets.context}
					onClick={() => choose('history')}
				/>
			</div>
		);
	return (
		<aside class="context panel no-print" aria-label={words.sheets.context}>
			<header>
				<Tabs
					label={words.sheets.context}
					now={tab}
					choose={choose}
					tabs={[
						{ name: 'history', label: words.history.title },
						{ name: 'threads', label: words.nav.reviews },
					]}
				/>
				<Button
					kind="quiet"
					small
					icon="close"
					aria-label={words.common.close}
					onClick={() => choose('none')}
				/>
			</header>
			{row === null || row.server === null || column === null ? (
				<p class="small soft">{words.sheets.selectCell}</p>
			) : (
				<>
					<h3 class="small">{column.label}</h3>
					{tab === 'history' ? (
						<History table={table} keyOf={row.key} column={column} />
					) : (
						<Threads
							target={{
								kind: table,
								id: String(row.key[row.key.length - 1]),
								field: column.name,
								fieldLabel: column.label,
								text: show(column, row.values[column.name]),
							}}
							currentOf={() => show(column, row.values[column.name])}
						/>
					)}
				</>
			)}
		</aside>
	);
}

function HandOver({
	reference,
	template,
	unit,
	open,
}: {
	reference: Reference;
	template: Values;
	unit: string;
	open: number;
}): JSX.Element {
	const id = worksheetId(reference, template, unit),
		states = useView('object_state', ['status_event'], { object_kind: 'worksheet', object_id: id });
	const state = String(states.value?.[0]?.['state'] ?? 'draft') as keyof typeof words.sheets.states;
	const to = state === 'submitted' || state === 'accepted' ? 'draft' : 'submitted';
	const change = (): void => {
		const event = newId();
		save(
			{ table: 'status_event', key: [scope(), event], fresh: true },
			{
				scope: scope(),
				id: event,
				object_kind: 'worksheet',
				object_id: id,
				from_state: state,
				to_state: to,
				actor: userName(),
				ts: new Date().toISOString().replace(/\.\d+/, ''),
			},
		);
	};
	return (
		<div class="hand-over button-row no-print">
			<Badge
				tone={
					state === 'submitted' || state === 'accepted'
						? 'good'
						: state === 'returned'
							? 'wait'
							: 'plain'
				}
			>
				{words.sheets.states[state]}
			</Badge>
			<Button kind={to === 'submitted' ? 'main' : 'plain'} disabled={open > 0} onClick={change}>
				{to === 'submitted' ? words.sheets.handOver : words.sheets.takeBack}
			</Button>
			<span class="small soft">
				{open > 0
					? words.sheets.notYet(open)
					: to === 'submitted'
						? words.sheets.handOverHelp(orgName(reference, unit, true))
						: ''}
			</span>
		</div>
	);
}

// A phone: each row a card, one row a form.
function Cards({
	sheet,
	columns,
	table,
	mayEdit,
	query,
}: {
	sheet: ReturnType<typeof useSheet>;
	columns: GridColumn[];
	table: string;
	mayEdit: boolean;
	query: URLSearchParams;
}): JSX.Element {
	const open = query.get('baris'),
		at = sheet.rows.findIndex((row) => String(row.key[row.key.length - 1]) === open),
		row = sheet.rows[at];
	useEffect(() => window.scrollTo(0, 0), [open]);
	const main =
		columns.find((column) => column.kind === 'long' && column.required) ??
		columns.find((column) => column.name === 'name') ??
		columns[0]!;
	const openRow = (index: number): void =>
		goQuery({ baris: String(sheet.rows[index]!.key[sheet.rows[index]!.key.length - 1]) }, false);
	const add = (): void => {
		const key = sheet.add({});
		goQuery({ baris: String(key[key.length - 1]) }, false);
	};
	if (row !== undefined)
		return (
			<div class="stack">
				<div class="row-at">
					<Button small icon="left" onClick={() => goQuery({ baris: null }, false)}>
						{words.grid.backToList}
					</Button>
					<span class="small soft">{words.grid.rowOf(at + 1, sheet.rows.length)}</span>
				</div>
				<RowForm
					key={open}
					row={row}
					columns={columns}
					table={table}
					mayEdit={mayEdit}
					put={(key, column, value) => sheet.set([{ key, column, value }])}
				/>
				<div class="button-row">
					<Button small disabled={at === 0} onClick={() => openRow(at - 1)}>
						{words.grid.previous}
					</Button>
					{at < sheet.rows.length - 1 ? (
						<Button small onClick={() => openRow(at + 1)}>
							{words.grid.next}
						</Button>
					) : (
						mayEdit && (
							<Button small icon="plus" onClick={add}>
								{words.grid.addRow}
							</Button>
						)
					)}
					{mayEdit && (
						<Button
							small
							kind="danger"
							icon="trash"
							onClick={() => {
								sheet.remove([row.key]);
								goQuery({ baris: null }, false);
							}}
						>
							{words.grid.removeRow}
						</Button>
					)}
				</div>
			</div>
		);
	return (
		<div class="cards">
			{sheet.rows.length === 0 && (
				<Empty icon="sheet" title={words.sheets.emptyTitle}>
					{words.sheets.emptyPhone}
				</Empty>
			)}
			{sheet.rows.map((one, i) => (
				<button type="button" class="card" key={JSON.stringify(one.key)} onClick={() => openRow(i)}>
					<div class="card-top">
						<b>{i + 1}</b>
						{columns
							.filter((column) => column.kind === 'choice' && one.values[column.name] != null)
							.slice(0, 2)
							.map((column) => (
								<span key={column.name}>{show(column, one.values[column.name])}</span>
							))}
					</div>
					<div class="card-main">
						{show(main, one.values[main.name]) || <span class="soft">{words.common.empty}</span>}
					</div>
					<div class="card-foot">
						<RowState row={one} table={table} />
						<Icon name="right" size={16} />
					</div>
				</button>
			))}
			<div class="button-row">
				{mayEdit && (
					<Button kind="main" icon="plus" onClick={add}>
						{words.grid.addRow}
					</Button>
				)}
				{sheet.steps > 0 && (
					<Button icon="undo" onClick={sheet.undo}>
						{words.common.undo}
					</Button>
				)}
				<LinkButton to="/kertas-kerja">{words.nav.worksheets}</LinkButton>
			</div>
		</div>
	);
}
