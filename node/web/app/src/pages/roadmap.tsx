// pages/roadmap.tsx - the long-term road map: years across, programmes of each dimension down, budget per year below.
//
// A bar is drawn out by mouse or finger, moved by the arrow keys, or its years are typed; each way is one write.
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { type Row, type Values } from '../api.ts';
import { columnsOf } from '../cells.ts';
import { rupiah, rupiahShort } from '../format.ts';
import {
	Button,
	Empty,
	Grid,
	Icon,
	LinkButton,
	PageHead,
	Panel,
	RowForm,
	SavedState,
	Shown,
	TextField,
	useSheet,
} from '../parts/index.ts';
import { orgName, useReference, type Reference } from '../reference.ts';
import { goQuery, link } from '../router.ts';
import { save, unsavedOf, useSaving } from '../save.ts';
import { mayWrite, scope, tableOf } from '../session.ts';
import { useRows } from '../store.ts';
import { words } from '../text/index.ts';
import { useWide } from '../wide.ts';
import type { PageProps } from './index.ts';

const FIRST = 2017,
	LAST = 2060;

export default function RoadmapPage({ query }: PageProps): JSX.Element {
	const reference = useReference(),
		programmes = useRows('programme', { scope: scope(), order: 'start_year' }),
		years = useRows('programme_year', { scope: scope() });
	useSaving();
	if (reference === undefined) return <p class="loading">{words.common.loading}</p>;
	return (
		<div class="stack wide-page">
			<PageHead
				title={words.nav.roadmap}
				intro={words.roadmap.intro}
				actions={
					<Button icon="print" onClick={() => window.print()}>
						{words.common.print}
					</Button>
				}
			/>
			<Shown read={programmes}>
				{(rows) =>
					rows.length === 0 ? (
						<Empty icon="road" title={words.roadmap.empty}>
							<p>{words.roadmap.emptyText}</p>
							<LinkButton to={link('kertas-kerja', 'KK-PROG')} kind="main">
								{words.roadmap.toProgrammes}
							</LinkButton>
						</Empty>
					) : (
						<Timeline
							reference={reference}
							programmes={rows}
							years={years.value ?? []}
							open={query.get('program')}
						/>
					)
				}
			</Shown>
		</div>
	);
}

// A programme as it is with what is not saved yet.
const nowOf = (row: Row): Values => ({ ...row.values, ...unsavedOf('programme', row.key)?.values });

function Timeline({
	reference,
	programmes,
	years,
	open,
}: {
	reference: Reference;
	programmes: Row[];
	years: Row[];
	open: string | null;
}): JSX.Element {
	const list = programmes.map((row) => ({ row, values: nowOf(row) }));
	const from = Math.min(...list.map((one) => Number(one.values['start_year']))),
		to = Math.max(from + 4, ...list.map((one) => Number(one.values['end_year'])));
	const span = Array.from({ length: to - from + 2 }, (_, i) => from + i); // one year more, to draw a bar into
	const budget = (filter: (values: Values) => boolean): number =>
		years
			.filter((row) => filter(row.values))
			.reduce((sum, row) => sum + Number(row.values['budget_rp'] ?? 0), 0);
	const dimensionOf = new Map(list.map((one) => [one.values['id'], one.values['dimension_code']]));
	const opened = programmes.find((row) => row.values['id'] === open);
	return (
		<>
			<Panel flush>
				<div class="table-scroll" tabIndex={0}>
					<div
						class="timeline"
						role="group"
						aria-label={words.nav.roadmap}
						style={{
							gridTemplateColumns: `minmax(210px, 290px) repeat(${span.length}, minmax(92px, 1fr))`,
						}}
					>
						<div class="t-head">{words.roadmap.programme}</div>
						{span.map((year) => (
							<div class="t-head number" key={year}>
								{year}
							</div>
						))}
						{reference.dimensions.map((dimension) => {
							const mine = list.filter(
								(one) => one.values['dimension_code'] === dimension['code'],
							);
							return mine.length === 0 ? null : (
								<>
									<div class="t-dimension" key={String(dimension['code'])}>
										{String(dimension['name'])}
									</div>
									{span.map((year) => (
										<div class="t-dimension number" key={year}>
											{short(
												budget(
													(v) =>
														v['year'] === year &&
														dimensionOf.get(v['programme_id'] ?? null) ===
															dimension['code'],
												),
											)}
										</div>
									))}
									{mine.map((one) => (
										<Line
											key={String(one.values['id'])}
											reference={reference}
											row={one.row}
											values={one.values}
											span={span}
											years={years}
											open={open === one.values['id']}
										/>
									))}
								</>
							);
						})}
						<div class="t-total">{words.roadmap.total}</div>
						{span.map((year) => (
							<div
								class="t-total number"
								key={year}
								title={rupiah(budget((v) => v['year'] === year))}
							>
								{short(budget((v) => v['year'] === year))}
							</div>
						))}
					</div>
				</div>
			</Panel>
			<p class="small soft no-print">
				{words.roadmap.keys} {words.roadmap.all}: <b>{rupiah(budget(() => true))}</b>
			</p>
			{opened !== undefined && <Programme key={open} reference={reference} row={opened} />}
		</>
	);
}

const short = (value: number): string => (value === 0 ? '' : rupiahShort(value).replace('Rp ', ''));

function Line({
	reference,
	row,
	values,
	span,
	years,
	open,
}: {
	reference: Reference;
	row: Row;
	values: Values;
	span: number[];
	years: Row[];
	open: boolean;
}): JSX.Element {
	const id = String(values['id']),
		unsaved = unsavedOf('programme', row.key);
	const own = (year: number): number =>
		Number(
			years.find((one) => one.values['programme_id'] === id && one.values['year'] === year)?.values[
				'budget_rp'
			] ?? 0,
		);
	return (
		<>
			<div class={`t-name${open ? ' open' : ''}`}>
				<button
					type="button"
					aria-expanded={open}
					onClick={() => goQuery({ program: open ? null : id })}
				>
					{String(values['name'])}
				</button>
				<span class="tiny soft">
					{orgName(reference, values['lead_org_id'], true)}{' '}
					{unsaved !== undefined && (
						<SavedState row={row} unsaved={unsaved} table="programme" keyOf={row.key} />
					)}
				</span>
			</div>
			<BarLane row={row} values={values} span={span} budget={own} />
		</>
	);
}

type Grip = 'start' | 'end' | 'both';

function BarLane({
	row,
	values,
	span,
	budget,
}: {
	row: Row;
	values: Values;
	span: number[];
	budget: (year: number) => number;
}): JSX.Element {
	const lane = useRef<HTMLDivElement>(null),
		[drag, setDrag] = useState<{ start: number; end: number } | null>(null);
	const mayEdit = mayWrite('programme', values['lead_org_id'] as string),
		first = span[0]!,
		n = span.length;
	const stored = { start: Number(values['start_year']), end: Number(values['end_year']) },
		shown = drag ?? stored;
	const put = (start: number, end: number): void => {
		if (start < FIRST || end > LAST || end < start || (start === stored.start && end === stored.end))
			return;
		save({ table: 'programme', key: row.key, seen: row.seen }, { start_year: start, end_year: end });
	};
	const begin =
		(grip: Grip) =>
		(event: PointerEvent): void => {
			if (!mayEdit) return;
			event.preventDefault();
			event.stopPropagation();
			const x0 = event.clientX,
				step = lane.current!.clientWidth / n;
			let latest = stored;
			const move = (e: PointerEvent): void => {
				const by = Math.round((e.clientX - x0) / step);
				latest = {
					start:
						grip === 'end'
							? stored.start
							: Math.min(stored.start + by, grip === 'start' ? stored.end : LAST),
					end:
						grip === 'start'
							? stored.end
							: Math.max(stored.end + by, grip === 'end' ? stored.start : FIRST),
				};
				setDrag(latest);
			};
			const up = (): void => {
				window.removeEventListener('pointermove', move);
				window.removeEventListener('pointerup', up);
				setDrag(null);
				put(latest.start, latest.end);
			};
			window.addEventListener('pointermove', move);
			window.addEventListener('pointerup', up);
		};
	const key = (event: KeyboardEvent): void => {
		const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
		if (by === 0 || !mayEdit) return;
		event.preventDefault();
		put(event.shiftKey ? stored.start : stored.start + by, stored.end + by);
	};
	return (
		<div
			class="t-lane"
			ref={lane}
			style={{ gridColumn: `span ${n}`, backgroundSize: `${100 / n}% 100%` }}
		>
			<div
				class={`t-bar${mayEdit ? ' may' : ''}`}
				role="slider"
				tabIndex={0}
				aria-label={words.roadmap.bar(String(values['name']))}
				aria-valuemin={FIRST}
				aria-valuemax={LAST}
				aria-valuenow={shown.start}
				aria-valuetext={`${shown.start}–${shown.end}`}
				onKeyDown={key}
				onPointerDown={begin('both')}
				style={{
					left: `${((shown.start - first) / n) * 100}%`,
					width: `${((shown.end - shown.start + 1) / n) * 100}%`,
				}}
			>
				{mayEdit && <span class="t-grip" onPointerDown={begin('start')} />}
				{Array.from({ length: shown.end - shown.start + 1 }, (_, i) => shown.start + i).map(
					(year) => (
						<span class="t-year" key={year}>
							{short(budget(year))}
						</span>
					),
				)}
				{mayEdit && <span class="t-grip end" onPointerDown={begin('end')} />}
			</div>
		</div>
	);
}

// The years of one programme: what is done, to what end, for how much, from which source.
function Programme({ reference, row }: { reference: Reference; row: Row }): JSX.Element {
	const values = nowOf(row),
		here = scope(),
		id = String(values['id']),
		wide = useWide();
	const read = useRows('programme_year', { scope: here, programme_id: id, order: 'year' }),
		template = reference.templates.find((one) => one['kind'] === 'roadmap');
	const columns =
		template === undefined
			? []
			: columnsOf(
					template,
					tableOf('programme_year')?.columns ?? [],
					{ scope: here, programme_id: id },
					reference,
					{},
				)
					.filter((column) => column.name !== 'programme_id')
					.map((column) => (column.name === 'year' ? { ...column, readOnly: true } : column));
	const sheet = useSheet({
		name: `KK-I/${id}`,
		table: 'programme_year',
		rows: read.value ?? [],
		columns,
		fixed: { scope: here, programme_id: id },
		newKey: (made) => [here, id, made['year'] ?? null],
		keyColumns: ['scope', 'programme_id', 'year'],
	});
	const mayEdit = mayWrite('programme_year', values['lead_org_id'] as string);
	const taken = new Set(sheet.rows.map((one) => Number(one.values['year'])));
	let next = Number(values['start_year']);
	while (taken.has(next)) next++;
	const add = (given: Values): ReturnType<typeof sheet.add> => sheet.add({ year: next, ...given });
	const typed =
		(name: 'start_year' | 'end_year') =>
		(text: string): void => {
			if (/^20\d\d$/.test(text) && Number(text) !== values[name])
				save({ table: 'programme', key: row.key, seen: row.seen }, { [name]: Number(text) });
		};
	return (
		<Panel
			title={String(values['name'])}
			actions={
				<Button small icon="close" onClick={() => goQuery({ program: null })}>
					{words.common.close}
				</Button>
			}
		>
			<div class="stack">
				<div class="years-typed">
					<Year
						label={words.roadmap.from}
						value={Number(values['start_year'])}
						put={typed('start_year')}
						mayEdit={mayEdit}
					/>
					<Year
						label={words.roadmap.until}
						value={Number(values['end_year'])}
						put={typed('end_year')}
						mayEdit={mayEdit}
					/>
					<LinkButton
						small
						to={link('kertas-kerja', 'KK-PROG', String(values['lead_org_id']))}
						icon="sheet"
					>
						{words.roadmap.toSheet}
					</LinkButton>
				</div>
				{Number(values['end_year']) < Number(values['start_year']) && (
					<p class="field wrong">
						<span class="error">
							<Icon name="warn" size={15} />
							{words.roadmap.backwards}
						</span>
					</p>
				)}
				{wide ? (
					<Grid
						sheet={{
							...sheet,
							rows: [...sheet.rows].sort(
								(a, b) => Number(a.values['year']) - Number(b.values['year']),
							),
							add,
						}}
						columns={columns}
						table="programme_year"
						label={String(values['name'])}
						mayEdit={mayEdit}
					/>
				) : (
					<>
						{sheet.rows.map((one) => (
							<RowForm
								key={JSON.stringify(one.key)}
								row={one}
								columns={columns}
								table="programme_year"
								mayEdit={mayEdit}
								put={(k, column, value) => sheet.set([{ key: k, column, value }])}
							/>
						))}
						{mayEdit && (
							<Button icon="plus" onClick={() => add({})}>
								{words.roadmap.addYear(next)}
							</Button>
						)}
					</>
				)}
			</div>
		</Panel>
	);
}

function Year({
	label,
	value,
	put,
	mayEdit,
}: {
	label: string;
	value: number;
	put: (text: string) => void;
	mayEdit: boolean;
}): JSX.Element {
	const [text, setText] = useState(String(value)),
		shown = useRef(value);
	if (shown.current !== value) {
		shown.current = value;
		setText(String(value));
	}
	return (
		<TextField
			label={label}
			value={text}
			change={setText}
			done={put}
			inputmode="numeric"
			max={4}
			disabled={!mayEdit}
		/>
	);
}
