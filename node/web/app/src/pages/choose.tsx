// pages/choose.tsx - two people wrote different things into one place: both are shown, one is chosen, or a third is written.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { api, type Conflict, type ConflictValue, type Problem, type Value, type Values } from '../api.ts';
import { columnsOf, parse, show, editable, type GridColumn } from '../cells.ts';
import { dateTime } from '../format.ts';
import {
	Badge,
	Button,
	Diff,
	Empty,
	History,
	Icon,
	Notice,
	PageHead,
	problemText,
	Shown,
} from '../parts/index.ts';
import { Area } from '../parts/index.ts';
import { useReference, type Reference } from '../reference.ts';
import { tableOf } from '../session.ts';
import { changed, useRead } from '../store.ts';
import { said, words } from '../text/index.ts';
import { KINDS } from '../sheets.ts';

export default function ChoosePage(): JSX.Element {
	const reference = useReference(),
		read = useRead(
			'conflicts',
			['quick_win', 'issue', 'programme', 'direction', 'book_section_text', 'swot_factor'],
			() => api.conflicts(),
		);
	if (reference === undefined) return <p class="loading">{words.common.loading}</p>;
	return (
		<div class="stack">
			<PageHead title={words.state.contested} intro={words.choose.intro} />
			<Shown read={read}>
				{({ conflicts }) =>
					conflicts.length === 0 ? (
						<Empty icon="tick" title={words.choose.none}>
							{words.choose.noneText}
						</Empty>
					) : (
						conflicts.map((one) => (
							<OneConflict
								key={one.no}
								conflict={one}
								reference={reference}
								again={read.again}
							/>
						))
					)
				}
			</Shown>
		</div>
	);
}

// The columns by the names that the worksheets give them, where there is a worksheet for the table.
function columnOf(reference: Reference, table: string, name: string): GridColumn {
	const info = tableOf(table),
		templates = reference.templates.filter((one) => KINDS[String(one['kind'])]?.table === table);
	const listed =
		info === undefined
			? []
			: templates.flatMap((template) => columnsOf(template, info.columns, {}, reference, {})).reverse();
	const label =
		said(info?.columns.find((one) => one.name === name)?.label) ||
		(words.quickWin.fields as Record<string, string>)[name] ||
		name;
	return (
		listed.find((one) => one.name === name) ?? {
			name,
			label,
			width: 40,
			kind: 'long',
			required: false,
			options: [],
			aliases: new Map(),
		}
	);
}

function OneConflict({
	conflict,
	reference,
	again,
}: {
	conflict: Conflict;
	reference: Reference;
	again: () => void;
}): JSX.Element {
	const { table, key } = conflict,
		columns = conflict.columns.map((name) => columnOf(reference, table, name));
	const row = useRead(`row/${table}/${JSON.stringify(key)}`, [table], () => api.row(table, key));
	const [third, setThird] = useState<Record<string, string> | null>(null),
		[busy, setBusy] = useState(false),
		[problem, setProblem] = useState<Problem | null>(null),
		[wrong, setWrong] = useState<string | null>(null);
	const [history, setHistory] = useState(false);
	const name =
		row.value?.values['name'] ??
		row.value?.values['statement'] ??
		row.value?.values['title'] ??
		String(key[key.length - 1]);
	const shown = conflict.values.find((one) => one.shown) ?? conflict.values[0]!;
	const choose = async (choice: { n: number } | { values: Values }): Promise<void> => {
		setBusy(true);
		try {
			await api.choose(conflict.no, choice);
			changed([table]);
			again();
		} catch (e) {
			setProblem(e as Problem);
			setBusy(false);
		}
	};
	const put = (): void => {
		const values: Values = {};
		for (const column of columns) {
			const parsed = parse(column, third![column.name] ?? '');
			if (parsed.error !== undefined) return setWrong(`${column.label}: ${parsed.error}`);
			values[column.name] = parsed.value;
		}
		void choose({ values });
	};
	return (
		<section class="panel conflict" aria-label={String(name)}>
			<header>
				<Icon name="split" />
				<h2>
					{String(name)}: {columns.map((column) => column.label).join(', ')}
				</h2>
				<span class="small soft">{said(tableOf(table)?.label)}</span>
			</header>
			{problem !== null && (
				<Notice tone="bad">
					<p>{problemText(problem)}</p>
				</Notice>
			)}
			<div class="both">
				{conflict.values.map((value) => (
					<OneValue
						key={value.n}
						value={value}
						columns={columns}
						other={value === shown ? null : shown}
						busy={busy}
						choose={() => void choose({ n: value.n })}
					/>
				))}
			</div>
			{third === null ? (
				<div class="button-row">
					<Button
						small
						icon="edit"
						onClick={() =>
							setThird(
								Object.fromEntries(
									columns.map((column) => [
										column.name,
										editable(column, shown.values[column.name]),
									]),
								),
							)
						}
					>
						{words.choose.third}
					</Button>
					<Button
						small
						kind="quiet"
						icon="history"
						aria-expanded={history}
						onClick={() => setHistory(!history)}
					>
						{words.choose.before}
					</Button>
				</div>
			) : (
				<div class="boxed stack">
					{columns.map((column) => (
						<label key={column.name} class="stack tight">
							<b>{column.label}</b>
							<Area
								value={third[column.name] ?? ''}
								change={(text) => setThird({ ...third, [column.name]: text })}
								rows={2}
							/>
						</label>
					))}
					{wrong !== null && (
						<Notice tone="bad">
							<p>{wrong}</p>
						</Notice>
					)}
					<div class="button-row">
						<Button kind="main" busy={busy && words.state.saving} onClick={put}>
							{words.choose.putThird}
						</Button>
						<Button onClick={() => setThird(null)}>{words.common.cancel}</Button>
					</div>
				</div>
			)}
			{history &&
				columns.map((column) => (
					<History key={column.name} table={table} keyOf={key} column={column} />
				))}
		</section>
	);
}

function OneValue({
	value,
	columns,
	other,
	busy,
	choose,
}: {
	value: ConflictValue;
	columns: GridColumn[];
	other: ConflictValue | null;
	busy: boolean;
	choose: () => void;
}): JSX.Element {
	const text = (of: ConflictValue, column: GridColumn): string =>
		show(column, (of.values[column.name] ?? null) as Value);
	return (
		<article class={value.shown ? 'shown-now' : ''}>
			<p class="small">
				<b>{value.by ?? words.common.nobody}</b>{' '}
				{value.shown && (
					<Badge tone="note" icon="info">
						{words.choose.shownNow}
					</Badge>
				)}
				<br />
				<span class="soft">
					{value.at === null ? '' : dateTime(value.at)}
					<br />
					{value.node}
				</span>
			</p>
			{columns.map((column) => (
				<div key={column.name} class="value">
					{columns.length > 1 && <div class="tiny soft">{column.label}</div>}
					{other === null ? (
						<div class="pre">
							{text(value, column) || <span class="soft">{words.common.empty}</span>}
						</div>
					) : (
						<Diff before={text(other, column)} after={text(value, column)} side="after" />
					)}
				</div>
			))}
			<Button kind={value.shown ? 'plain' : 'main'} disabled={busy} onClick={choose}>
				{words.choose.take}
			</Button>
		</article>
	);
}
