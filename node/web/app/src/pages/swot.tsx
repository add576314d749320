// pages/swot.tsx - SWOT-TOWS as a board: four quadrants of factors, strategies that rest on them, and the quadrant plot.
//
// One unit's own sheet, or all units of a dimension together: there duplicates are joined and strategies chosen.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { newId, type Values } from '../api.ts';
import {
	Badge,
	Button,
	PageHead,
	Panel,
	Select,
	Tabs,
	useSheet,
	type Sheet,
	type SheetRow,
} from '../parts/index.ts';
import { orgName, unitNow, useReference, type Reference } from '../reference.ts';
import { go, link } from '../router.ts';
import { mayWrite, scope, tableOf, useSession } from '../session.ts';
import { useRows } from '../store.ts';
import { words } from '../text/index.ts';
import { columnsOf, type GridColumn } from '../cells.ts';
import { openWorksheet, sheetOf } from '../sheets.ts';
import { Strategies } from './strategies.tsx';
import { Plot, weights } from './swot_plot.tsx';
import { Factor } from './swot_factor.tsx';
import type { PageProps } from './index.ts';

export type Quadrant = 'S' | 'W' | 'O' | 'T';
export const QUADRANTS: readonly Quadrant[] = ['S', 'W', 'O', 'T'];

export interface Board {
	reference: Reference;
	unit: string | null;
	dimension: string | null;
	factors: SheetRow[];
	columns: GridColumn[];
	sheet: Sheet;
	mayEdit: boolean;
	label: (factor: Values) => string;
}

export default function SwotPage({ parts, query }: PageProps): JSX.Element {
	const reference = useReference(),
		{ session } = useSession();
	if (reference === undefined) return <p class="loading">{words.common.loading}</p>;
	const together = parts[0] === 'dimensi';
	const dimension = together
		? (parts[1] ?? String(reference.dimensions[0]?.['code']))
		: query.get('dimensi');
	const unit = together ? null : (parts[0] ?? unitNow(reference, session?.user?.org_id));
	if (!together && parts[0] !== undefined) localStorage.setItem('simpul.unit', parts[0]);
	return <SwotBoard key={`${unit}/${dimension}`} reference={reference} unit={unit} dimension={dimension} />;
}

function SwotBoard({
	reference,
	unit,
	dimension,
}: {
	reference: Reference;
	unit: string | null;
	dimension: string | null;
}): JSX.Element {
	const here = scope(),
		template = reference.templates.find((one) => one['kind'] === 'swot');
	const read = useRows(
		'swot_factor',
		unit === null ? { scope: here, dimension_code: dimension } : { scope: here, org_id: unit },
	);
	const place = template === undefined ? null : sheetOf(reference, template, unit ?? '');
	const columns =
		template === undefined
			? []
			: columnsOf(
					template,
					tableOf('swot_factor')?.columns ?? [],
					{ ...place!.fixed, id: '' },
					reference,
					{},
				);
	const rows = (read.value ?? []).filter(
		(row) => dimension === null || row.values['dimension_code'] === dimension,
	);
	const sheet = useSheet({
		name: `KK-SWOT/${unit ?? dimension}`,
		table: 'swot_factor',
		rows,
		columns,
		fixed: unit === null ? { scope: here } : (place?.fixed ?? {}),
		newKey: () => [here, newId()],
		keyColumns: ['scope', 'id'],
		before: () => {
			if (unit !== null && place?.worksheet != null && rows.length === 0)
				openWorksheet(place.worksheet);
		},
	});
	if (read.value === undefined || template === undefined)
		return <p class="loading">{words.common.loading}</p>;
	const label = (factor: Values): string =>
		`${String(factor['quadrant'])}${String(factor['seq'])}${unit === null ? ` ${orgName(reference, factor['org_id'], true)}` : ''}`;
	const board: Board = {
		reference,
		unit,
		dimension,
		sheet,
		columns,
		label,
		mayEdit: mayWrite('swot_factor', unit ?? undefined),
		factors: [...sheet.rows].sort(
			(a, b) =>
				Number(a.values['seq']) - Number(b.values['seq']) ||
				String(a.values['org_id']).localeCompare(String(b.values['org_id'])),
		),
	};
	return (
		<div class="stack">
			<PageHead
				title={words.nav.swot}
				intro={unit === null ? words.swot.introDimension : words.swot.intro}
				actions={<Which board={board} />}
			/>
			<div class="board">
				{QUADRANTS.map((quadrant) => (
					<QuadrantBox key={quadrant} board={board} quadrant={quadrant} />
				))}
			</div>
			{board.factors.length > 0 && <PlotPanel board={board} />}
			<Strategies board={board} />
		</div>
	);
}

function Which({ board }: { board: Board }): JSX.Element {
	const { reference, unit, dimension } = board;
	const to = (name: 'unit' | 'dimension'): void =>
		go(
			name === 'unit'
				? '/swot'
				: link('swot', 'dimensi', dimension ?? String(reference.dimensions[0]?.['code'])),
		);
	return (
		<>
			<Tabs
				label={words.swot.which}
				now={unit === null ? 'dimension' : 'unit'}
				choose={to}
				tabs={[
					{ name: 'unit', label: words.swot.oneUnit },
					{ name: 'dimension', label: words.swot.oneDimension },
				]}
			/>
			{unit === null ? (
				<Select
					value={dimension ?? ''}
					aria-label={words.grid.dimension}
					change={(code) => go(link('swot', 'dimensi', code))}
					options={reference.dimensions.map((one) => ({
						value: String(one['code']),
						label: String(one['name']),
					}))}
				/>
			) : (
				<Select
					value={unit}
					aria-label={words.sheets.unit}
					change={(id) => go(link('swot', id))}
					options={reference.units.map((one) => ({
						value: String(one['id']),
						label: String(one['name']),
					}))}
				/>
			)}
		</>
	);
}

function QuadrantBox({ board, quadrant }: { board: Board; quadrant: Quadrant }): JSX.Element {
	const { sheet, mayEdit, reference, unit } = board,
		[text, setText] = useState(''),
		[open, setOpen] = useState<string | null>(null);
	const mine = board.factors.filter((row) => row.values['quadrant'] === quadrant),
		heads = mine.filter((row) => row.values['merged_into'] == null);
	const add = (): void => {
		if (text.trim().length < 3) return;
		const own = board.factors.filter(
			(row) => row.values['quadrant'] === quadrant && row.values['org_id'] === unit,
		);
		sheet.add({
			quadrant,
			seq: Math.max(0, ...own.map((row) => Number(row.values['seq']))) + 1,
			statement: text.trim(),
			dimension_code:
				board.dimension ??
				own[0]?.values['dimension_code'] ??
				board.factors[0]?.values['dimension_code'] ??
				null,
		});
		setText('');
	};
	return (
		<section class={`quadrant q-${quadrant}`} aria-label={words.swot.quadrant[quadrant]}>
			<header>
				<b>{quadrant}</b>
				<h2>{words.swot.quadrant[quadrant]}</h2>
				<span class="tiny soft">{words.swot.hint[quadrant]}</span>
			</header>
			<ul>
				{heads.map((row) => {
					const id = String(row.values['id']),
						same = mine.filter((one) => one.values['merged_into'] === id);
					return (
						<Factor
							key={id}
							board={board}
							row={row}
							open={open === id}
							toggle={() => setOpen(open === id ? null : id)}
							others={heads.filter((one) => one !== row)}
							same={same}
							unitName={unit === null ? orgName(reference, row.values['org_id'], true) : null}
						/>
					);
				})}
			</ul>
			{heads.length === 0 && <p class="small soft">{words.swot.none[quadrant]}</p>}
			{mayEdit && unit !== null && (
				<form
					class="quick-add no-print"
					onSubmit={(e) => {
						e.preventDefault();
						add();
					}}
				>
					<input
						value={text}
						onInput={(e) => setText(e.currentTarget.value)}
						aria-label={words.swot.add(words.swot.quadrant[quadrant])}
						placeholder={words.swot.add(words.swot.quadrant[quadrant])}
					/>
					{text.trim() !== '' && (
						<Button small type="submit" icon="plus">
							{words.common.add}
						</Button>
					)}
				</form>
			)}
		</section>
	);
}

function PlotPanel({ board }: { board: Board }): JSX.Element {
	const sums = weights(
		board.factors.filter((row) => row.values['merged_into'] == null).map((row) => row.values),
	);
	return (
		<Panel title={words.swot.plot}>
			{sums.complete ? (
				<Plot sums={sums} />
			) : (
				<div class="button-row">
					{sums.internal === 0 && sums.external === 0 ? (
						<span class="soft">{words.swot.noWeights}</span>
					) : (
						<>
							<Badge tone={sums.internal === 10000 ? 'good' : 'wait'}>
								{words.swot.internal}: {words.swot.weight(sums.internal)}
							</Badge>
							<Badge tone={sums.external === 10000 ? 'good' : 'wait'}>
								{words.swot.external}: {words.swot.weight(sums.external)}
							</Badge>
							<span class="small soft">
								{sums.unrated > 0 ? words.swot.unrated(sums.unrated) : words.swot.weightsHelp}
							</span>
						</>
					)}
				</div>
			)}
		</Panel>
	);
}
