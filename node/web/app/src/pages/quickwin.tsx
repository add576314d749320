// pages/quickwin.tsx - one quick win: percent and its line, milestones, partners, the three commitments, and beside
// each field what experts said about it.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { newId, type Row, type Value, type Values } from '../api.ts';
import { columnsOf, show, type GridColumn } from '../cells.ts';
import { date, parseDate, parseNumber, percent, when } from '../format.ts';
import {
	AreaField,
	Attachments,
	Badge,
	Button,
	Grid,
	History,
	Icon,
	Meanwhile,
	Notice,
	OneField,
	PageHead,
	Panel,
	PercentChart,
	RowForm,
	SavedState,
	SelectField,
	TextField,
	Threads,
	useSheet,
	useThreads,
	type Point,
	type SheetRow,
} from '../parts/index.ts';
import { dimensionName, orgName, type Reference } from '../reference.ts';
import { save, unsavedOf, useSaving } from '../save.ts';
import { mayWrite, scope, tableOf, userName } from '../session.ts';
import { useRows, useView } from '../store.ts';
import { words } from '../text/index.ts';
import { useWide } from '../wide.ts';
import { STATE_TONE, type QuickWinState } from './quickwins.tsx';

const nowText = (): string => new Date().toISOString().replace(/\.\d+/, '');
const MORE = [
	'problem',
	'uniqueness',
	'scalability',
	'replication',
	'local_wisdom',
	'resources',
	'risk_analysis',
];
const COMMITMENTS = ['integration', 'collaboration', 'sustainability'];

export function OneQuickWin({
	reference,
	row,
	all,
}: {
	reference: Reference;
	row: Row;
	all: Row[];
}): JSX.Element {
	useSaving();
	const id = String(row.values['id']),
		unsaved = unsavedOf('quick_win', row.key),
		values = { ...row.values, ...unsaved?.values };
	const progress = useRows('qw_progress', { scope: scope(), quick_win_id: id }),
		milestones = useRows('qw_milestone', { scope: scope(), quick_win_id: id, order: 'seq' });
	const states = useView('object_state', ['status_event'], { object_kind: 'quick_win' });
	const state = (states.value?.find((one) => one['object_id'] === id)?.['state'] ??
		'candidate') as QuickWinState;
	const sheetRow: SheetRow = { key: row.key, values, server: row, unsaved, missing: [] };
	const mayEdit = mayWrite('quick_win', values['lead_org_id'] as string);
	const fields = fieldsOf(reference);
	const field = (name: string): JSX.Element => (
		<Beside key={name} row={sheetRow} column={fields.get(name)!} mayEdit={mayEdit} id={id} />
	);
	return (
		<div class="stack">
			<PageHead
				back={{ to: '/quick-win', label: words.nav.quickWins }}
				title={
					<>
						{String(values['name'])}{' '}
						<Badge tone={STATE_TONE[state]}>{words.quickWin.states[state]}</Badge>
					</>
				}
				intro={[
					values['expansion'],
					dimensionName(reference, values['dimension_code']),
					orgName(reference, values['lead_org_id']),
				]
					.filter(Boolean)
					.join(' · ')}
				actions={<SavedState row={row} unsaved={unsaved} table="quick_win" keyOf={row.key} />}
			/>
			{unsaved !== undefined && (
				<Meanwhile unsaved={unsaved} labels={(name) => fields.get(name)?.label ?? name} />
			)}
			<div class="qw-columns">
				<Progress
					id={id}
					rows={progress.value ?? []}
					milestones={milestones.value ?? []}
					mayEdit={mayWrite('qw_progress')}
				/>
				<Step
					id={id}
					state={state}
					values={values}
					reference={reference}
					milestones={milestones.value ?? []}
					all={all}
					states={states.value ?? []}
				/>
			</div>
			<Milestones reference={reference} id={id} rows={milestones.value ?? []} mayEdit={mayEdit} />
			<div class="qw-columns">
				<div class="stack">
					<Panel title={words.quickWin.about}>
						<div class="stack">{['name', 'expansion', 'summary', 'benefit'].map(field)}</div>
					</Panel>
					<Panel title={words.quickWin.commitments}>
						<div class="stack">{COMMITMENTS.map(field)}</div>
					</Panel>
					<Panel title={words.quickWin.more}>
						<div class="stack">{[...MORE, 'phase', 'starts_on', 'target_on'].map(field)}</div>
					</Panel>
				</div>
				<div class="stack">
					<Panel title={words.nav.reviews}>
						<Threads
							target={{ kind: 'quick_win', id }}
							labelOf={(name) => fields.get(name)?.label ?? ''}
							currentOf={(name) =>
								fields.has(name) ? show(fields.get(name)!, values[name]) : ''
							}
						/>
					</Panel>
					<Partners reference={reference} id={id} mayEdit={mayEdit} />
					<Panel title={words.files.title}>
						<Attachments kind="quick_win" id={id} documentKind="evidence" />
					</Panel>
				</div>
			</div>
		</div>
	);
}

// All columns of a quick win as fields: those of the worksheet by its template, the others by their names here.
function fieldsOf(reference: Reference): Map<string, GridColumn> {
	const infos = tableOf('quick_win')?.columns ?? [];
	const found = new Map<string, GridColumn>();
	for (const kind of ['innovation', 'quick_win']) {
		const template = reference.templates.find((one) => one['kind'] === kind);
		for (const column of template === undefined ? [] : columnsOf(template, infos, {}, reference, {}))
			found.set(column.name, column);
	}
	for (const [name, label] of Object.entries(words.quickWin.fields))
		if (!found.has(name))
			found.set(name, {
				name,
				label,
				width: 40,
				kind: 'long',
				required: false,
				options: [],
				aliases: new Map(),
			});
	return found;
}

// A field, and folded beside it its history and the remarks about it.
function Beside({
	row,
	column,
	mayEdit,
	id,
}: {
	row: SheetRow;
	column: GridColumn;
	mayEdit: boolean;
	id: string;
}): JSX.Element {
	const [open, setOpen] = useState<'history' | 'threads' | null>(null),
		{ threads, closed } = useThreads({ kind: 'quick_win', id });
	const n = threads.filter(
		(thread) => thread['target_field'] === column.name && !closed.has(String(thread['id'])),
	).length;
	const contested = row.server?.state.contested?.includes(column.name) === true;
	return (
		<div class={`beside${contested ? ' contested' : ''}`}>
			<OneField
				row={row}
				column={column}
				mayEdit={mayEdit}
				put={(value: Value) =>
					save(
						{ table: 'quick_win', key: row.key, seen: row.server?.seen },
						{ [column.name]: value },
					)
				}
				aside={
					<div class="beside-tools no-print">
						{contested && (
							<a href="/pilih">
								<Badge tone="wait" icon="split">
									{words.state.contested}
								</Badge>
							</a>
						)}
						<Button
							small
							kind="quiet"
							icon="comment"
							aria-expanded={open === 'threads'}
							onClick={() => setOpen(open === 'threads' ? null : 'threads')}
						>
							{n > 0 ? words.quickWin.threads(n) : words.nav.reviews}
						</Button>
						<Button
							small
							kind="quiet"
							icon="history"
							aria-expanded={open === 'history'}
							onClick={() => setOpen(open === 'history' ? null : 'history')}
						>
							{words.history.title}
						</Button>
					</div>
				}
			/>
			{open === 'history' && <History table="quick_win" keyOf={row.key} column={column} />}
			{open === 'threads' && (
				<Threads
					target={{
						kind: 'quick_win',
						id,
						field: column.name,
						fieldLabel: column.label,
						text: show(column, row.values[column.name]),
					}}
					currentOf={() => show(column, row.values[column.name])}
				/>
			)}
		</div>
	);
}

function Progress({
	id,
	rows,
	milestones,
	mayEdit,
}: {
	id: string;
	rows: Row[];
	milestones: Row[];
	mayEdit: boolean;
}): JSX.Element {
	const [open, setOpen] = useState(false);
	const sorted = rows
		.map((row) => row.values)
		.sort(
			(a, b) =>
				String(b['as_of']).localeCompare(String(a['as_of'])) ||
				String(b['recorded_ts']).localeCompare(String(a['recorded_ts'])),
		);
	const last = sorted[0],
		points = sorted.map((one): Point => ({
			day: String(one['as_of']),
			percent: Number(one['percent']),
			basis: one['basis'] as 'declared',
			by: String(one['reported_by']),
			note: one['note'] as string | null,
		}));
	return (
		<Panel
			title={words.quickWin.progress}
			actions={
				mayEdit &&
				!open && (
					<Button small kind="main" icon="plus" onClick={() => setOpen(true)}>
						{words.quickWin.newPercent}
					</Button>
				)
			}
		>
			<div class="progress">
				<div class="progress-now">
					<b>{last === undefined ? '–' : percent(Number(last['percent']))}</b>
					<span class="small soft">
						{last === undefined ? (
							words.quickWin.noPercent
						) : (
							<>
								{words.quickWin.basis[last['basis'] as 'declared']}
								<br />
								{date(String(last['as_of']))}
								<br />
								{String(last['reported_by'])}
							</>
						)}
					</span>
				</div>
				{points.length > 0 && <PercentChart points={points} />}
			</div>
			{open && <NewPercent id={id} last={last} milestones={milestones} close={() => setOpen(false)} />}
			{sorted.some((one) => one['note'] !== null) && (
				<ul class="small notes">
					{sorted
						.filter((one) => one['note'] !== null)
						.map((one) => (
							<li key={String(one['id'])}>
								{date(String(one['as_of']))}, {percent(Number(one['percent']))}:{' '}
								{String(one['note'])}
							</li>
						))}
				</ul>
			)}
		</Panel>
	);
}

function NewPercent({
	id,
	last,
	milestones,
	close,
}: {
	id: string;
	last: Values | undefined;
	milestones: Row[];
	close: () => void;
}): JSX.Element {
	const weight = milestones.reduce((sum, row) => sum + Number(row.values['weight_pct'] ?? 0), 0);
	const byMilestones =
		weight === 100
			? milestones
					.filter((row) => row.values['done_on'] !== null)
					.reduce((sum, row) => sum + Number(row.values['weight_pct'] ?? 0), 0)
			: null;
	const today = new Date(Date.now() + 7 * 3600e3).toISOString().slice(0, 10);
	const [form, setForm] = useState({ percent: '', day: date(today), basis: 'declared', note: '' }),
		[tried, setTried] = useState(false);
	const put =
		(name: keyof typeof form) =>
		(value: string): void =>
			setForm({ ...form, [name]: value });
	const value = parseNumber(form.percent),
		day = parseDate(form.day),
		lower = last !== undefined && value < Number(last['percent']);
	const wrongPercent =
		!Number.isInteger(value) || value < 0 || value > 100 ? words.quickWin.percentRange : undefined;
	const wrongNote =
		lower && form.note.trim() === ''
			? words.quickWin.lowerNote(percent(Number(last!['percent'])))
			: undefined;
	const submit = (event: Event): void => {
		event.preventDefault();
		setTried(true);
		if (wrongPercent !== undefined || wrongNote !== undefined || day === null) return;
		const key = newId();
		save(
			{ table: 'qw_progress', key: [scope(), key], fresh: true },
			{
				scope: scope(),
				id: key,
				quick_win_id: id,
				as_of: day,
				percent: value,
				basis: form.basis,
				note: form.note.trim() === '' ? null : form.note.trim(),
				reported_by: userName(),
				recorded_ts: nowText(),
			},
		);
		close();
	};
	return (
		<form class="stack boxed" onSubmit={submit}>
			<div class="three">
				<TextField
					label={words.quickWin.percent}
					value={form.percent}
					change={put('percent')}
					inputmode="numeric"
					error={tried ? wrongPercent : undefined}
					required
					aside={
						byMilestones !== null && (
							<button
								type="button"
								class="button quiet small"
								onClick={() =>
									setForm({ ...form, percent: String(byMilestones), basis: 'milestones' })
								}
							>
								{words.quickWin.fromMilestones(byMilestones)}
							</button>
						)
					}
				/>
				<TextField
					label={words.quickWin.asOf}
					value={form.day}
					change={put('day')}
					error={tried && day === null ? words.grid.notDate : undefined}
					required
				/>
				<SelectField
					label={words.quickWin.basisLabel}
					value={form.basis}
					change={put('basis')}
					options={Object.entries(words.quickWin.basis).map(([v, label]) => ({ value: v, label }))}
				/>
			</div>
			<AreaField
				label={words.quickWin.note}
				value={form.note}
				change={put('note')}
				error={tried ? wrongNote : undefined}
				{...(lower ? { required: true } : {})}
			/>
			<div class="button-row">
				<Button kind="main" type="submit">
					{words.common.save}
				</Button>
				<Button onClick={close}>{words.common.cancel}</Button>
			</div>
		</form>
	);
}

function Milestones({
	reference,
	id,
	rows,
	mayEdit,
}: {
	reference: Reference;
	id: string;
	rows: Row[];
	mayEdit: boolean;
}): JSX.Element {
	const here = scope(),
		wide = useWide(),
		template = reference.templates.find((one) => one['kind'] === 'action_plan');
	const columns =
		template === undefined
			? []
			: columnsOf(
					template,
					tableOf('qw_milestone')?.columns ?? [],
					{ scope: here, id: '', quick_win_id: id },
					reference,
					{},
				).filter((column) => column.name !== 'quick_win_id');
	const all: GridColumn[] = [
		...columns,
		{
			name: 'done_on',
			label: words.quickWin.doneOn,
			width: 12,
			kind: 'date',
			required: false,
			options: [],
			aliases: new Map(),
		},
	];
	const sheet = useSheet({
		name: `qw_milestone/${id}`,
		table: 'qw_milestone',
		rows,
		columns: all,
		fixed: { scope: here, quick_win_id: id },
		newKey: () => [here, newId()],
		keyColumns: ['scope', 'id'],
	});
	const add = (given: Values): ReturnType<typeof sheet.add> =>
		sheet.add({ seq: sheet.rows.length + 1, ...given });
	return (
		<Panel title={words.quickWin.milestones}>
			{wide ? (
				<Grid
					sheet={{ ...sheet, add }}
					columns={all}
					table="qw_milestone"
					label={words.quickWin.milestones}
					mayEdit={mayEdit}
				/>
			) : (
				<div class="stack">
					{sheet.rows.map((row) => (
						<details class="card" key={JSON.stringify(row.key)}>
							<summary>
								{String(row.values['seq'] ?? '')}.{' '}
								{String(row.values['title'] ?? words.common.empty)}{' '}
								{row.values['done_on'] != null && <Icon name="tick" size={15} />}
							</summary>
							<RowForm
								row={row}
								columns={all}
								table="qw_milestone"
								mayEdit={mayEdit}
								put={(key, column, value) => sheet.set([{ key, column, value }])}
							/>
						</details>
					))}
					{mayEdit && (
						<Button icon="plus" onClick={() => add({})}>
							{words.grid.addRow}
						</Button>
					)}
				</div>
			)}
		</Panel>
	);
}

function Partners({
	reference,
	id,
	mayEdit,
}: {
	reference: Reference;
	id: string;
	mayEdit: boolean;
}): JSX.Element {
	const read = useRows('partner_link', { scope: scope(), owner_kind: 'quick_win', owner_id: id }),
		[name, setName] = useState(''),
		[form, setForm] = useState('');
	const add = (event: Event): void => {
		event.preventDefault();
		const key = newId(),
			org = reference.organizations.find(
				(one) => String(one['name']).toLowerCase() === name.trim().toLowerCase(),
			);
		save(
			{ table: 'partner_link', key: [scope(), key], fresh: true },
			{
				scope: scope(),
				id: key,
				owner_kind: 'quick_win',
				owner_id: id,
				org_id: org?.['id'] ?? null,
				partner_name: name.trim(),
				form: form.trim(),
			},
		);
		setName('');
		setForm('');
	};
	return (
		<Panel title={words.quickWin.partners}>
			<ul class="partners">
				{(read.value ?? []).map((row) => (
					<li key={String(row.values['id'])}>
						<b>{String(row.values['partner_name'])}</b>
						<br />
						<span class="small soft">{String(row.values['form'])}</span>
					</li>
				))}
			</ul>
			{mayEdit && (
				<form class="stack tight" onSubmit={add}>
					<TextField
						label={words.quickWin.partner}
						value={name}
						change={setName}
						list={reference.organizations.map((one) => String(one['name']))}
					/>
					{name.trim() !== '' && (
						<>
							<TextField label={words.quickWin.partnerForm} value={form} change={setForm} />
							<Button small type="submit" disabled={form.trim() === ''}>
								{words.common.add}
							</Button>
						</>
					)}
				</form>
			)}
		</Panel>
	);
}

// The next step of its life, and in words why it can't be taken yet.
function Step({
	id,
	state,
	values,
	reference,
	milestones,
	all,
	states,
}: {
	id: string;
	state: QuickWinState;
	values: Values;
	reference: Reference;
	milestones: Row[];
	all: Row[];
	states: Values[];
}): JSX.Element | null {
	const order: QuickWinState[] = ['candidate', 'shortlisted', 'selected', 'named', 'running', 'done'],
		next = order[order.indexOf(state) + 1];
	const limit = Number(reference.cohort?.['quick_wins_per_dimension'] ?? 1);
	const others = all.filter(
		(row) =>
			row.values['id'] !== id &&
			row.values['dimension_code'] === values['dimension_code'] &&
			states.some(
				(one) =>
					one['object_id'] === row.values['id'] &&
					['selected', 'named', 'running', 'done'].includes(String(one['state'])),
			),
	);
	const missing = [
		...(next === 'selected' && others.length >= limit
			? [words.quickWin.overLimit(limit, others.map((row) => String(row.values['name'])).join(', '))]
			: []),
		...(next === 'named' && !milestones.some((row) => row.values['owner_org_id'] !== null)
			? [words.quickWin.needMilestone]
			: []),
		...(next === 'named' && COMMITMENTS.some((name) => String(values[name] ?? '') === '')
			? [words.quickWin.needCommitments]
			: []),
	];
	const put = (to: QuickWinState): void => {
		const key = newId();
		save(
			{ table: 'status_event', key: [scope(), key], fresh: true },
			{
				scope: scope(),
				id: key,
				object_kind: 'quick_win',
				object_id: id,
				from_state: state,
				to_state: to,
				actor: userName(),
				ts: nowText(),
			},
		);
	};
	if (!mayWrite('status_event')) return null;
	const since = states.find((one) => one['object_id'] === id)?.['ts'];
	return (
		<Panel title={words.quickWin.step}>
			<p class="small soft">
				{words.quickWin.states[state]}
				{since === undefined ? '' : ` · ${when(String(since))}`}
			</p>
			{missing.length > 0 && (
				<Notice tone="wait" title={words.quickWin.notYet(words.quickWin.states[next!])}>
					{missing.map((text) => (
						<p class="small" key={text}>
							{text}
						</p>
					))}
				</Notice>
			)}
			<div class="button-row">
				{next !== undefined && (
					<Button kind="main" small disabled={missing.length > 0} onClick={() => put(next)}>
						{words.quickWin.to[next as 'named']}
					</Button>
				)}
				{order.indexOf(state) > 0 && (
					<Button small onClick={() => put(order[order.indexOf(state) - 1]!)}>
						{words.quickWin.stepBack}
					</Button>
				)}
			</div>
		</Panel>
	);
}
