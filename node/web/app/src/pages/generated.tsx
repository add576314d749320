// pages/generated.tsx - the tables of a book that are made from the worksheets, live.
import type { ComponentChildren, JSX } from 'preact';
import type { Row, Values } from '../api.ts';
import { columnsOf, show, type GridColumn } from '../cells.ts';
import { date, percent, rupiah } from '../format.ts';
import { dimensionName, orgName, type Reference } from '../reference.ts';
import { scope, tableOf } from '../session.ts';
import { useRows, useView } from '../store.ts';
import { words } from '../text/index.ts';
import { Shown } from '../parts/index.ts';

const values = (rows: Row[]): Values[] => rows.map((row) => row.values);
const live = (rows: Row[]): Values[] => values(rows).filter((one) => one['merged_into'] == null);

function Table({
	head,
	rows,
	caption,
}: {
	head: string[];
	rows: ComponentChildren[][];
	caption?: string;
}): JSX.Element {
	return rows.length === 0 ? (
		<p class="soft small">{words.books.emptyTable}</p>
	) : (
		<div class="table-scroll" tabIndex={0} role="region" aria-label={caption ?? head.join(', ')}>
			<table class="plain book-table">
				{caption !== undefined && <caption>{caption}</caption>}
				<thead>
					<tr>
						{head.map((one) => (
							<th key={one}>{one}</th>
						))}
					</tr>
				</thead>
				<tbody>
					{rows.map((row, i) => (
						<tr key={i}>
							{row.map((cell, j) => (
								<td key={j}>{cell}</td>
							))}
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

// A worksheet's own columns, as its template names them.
function useColumns(reference: Reference, kind: string, table: string): GridColumn[] {
	const template = reference.templates.find((one) => one['kind'] === kind);
	return template === undefined
		? []
		: columnsOf(
				template,
				tableOf(table)?.columns ?? [],
				{ scope: '', id: '', cohort_id: '', worksheet_id: '', org_id: '', lead_org_id: '' },
				reference,
				{},
			);
}

const cells = (columns: GridColumn[], row: Values): string[] =>
	columns.map((column) => show(column, row[column.name]));

function ByDimension({
	reference,
	rows,
	columns,
	extra,
}: {
	reference: Reference;
	rows: Values[];
	columns: GridColumn[];
	extra?: { head: string; of: (row: Values) => string };
}): JSX.Element {
	const own = columns.filter((column) => column.name !== 'dimension_code'),
		head = [
			words.grid.number,
			...own.map((one) => one.label),
			...(extra === undefined ? [] : [extra.head]),
		];
	const codes = [...reference.dimensions.map((one) => String(one['code'])), ''];
	if (rows.length === 0) return <p class="soft small">{words.books.emptyTable}</p>;
	return (
		<>
			{codes.map((code) => {
				const mine = rows.filter((row) => (row['dimension_code'] ?? '') === code);
				return mine.length === 0 ? null : (
					<Table
						key={code}
						caption={code === '' ? words.books.noDimension : dimensionName(reference, code)}
						head={head}
						rows={mine.map((row, i) => [
							i + 1,
							...cells(own, row),
							...(extra === undefined ? [] : [extra.of(row)]),
						])}
					/>
				);
			})}
		</>
	);
}

type Made = (props: { reference: Reference }) => JSX.Element;

const Legal: Made = () => (
	<Shown read={useRows('legal_basis', { order: 'ord' })}>
		{(rows) => (
			<ol>
				{values(rows).map((one) => (
					<li key={String(one['id'])}>
						{String(one['title'])} — {String(one['about'])}
					</li>
				))}
			</ol>
		)}
	</Shown>
);

const Readiness: Made = ({ reference }) => {
	const columns = useColumns(reference, 'readiness', 'readiness_item');
	return (
		<Shown read={useRows('readiness_item', { scope: scope() })}>
			{(rows) => (
				<Table
					head={columns.map((one) => one.label)}
					rows={values(rows).map((one) => cells(columns, one))}
				/>
			)}
		</Shown>
	);
};

const Issues: Made = ({ reference }) => {
	const columns = useColumns(reference, 'issue', 'issue').filter((one) =>
		['dimension_code', 'statement', 'kind', 'data_evidence', 'priority'].includes(one.name),
	);
	return (
		<Shown read={useRows('issue', { scope: scope() })}>
			{(rows) => (
				<ByDimension
					reference={reference}
					rows={live(rows)}
					columns={columns}
					extra={{ head: words.sheets.unit, of: (row) => orgName(reference, row['org_id'], true) }}
				/>
			)}
		</Shown>
	);
};

const Swot: Made = ({ reference }) => {
	const factors = useRows('swot_factor', { scope: scope() });
	return (
		<Shown read={factors}>
			{(rows) => (
				<>
					{reference.dimensions.map((dimension) => {
						const mine = live(rows).filter((one) => one['dimension_code'] === dimension['code']);
						return mine.length === 0 ? null : (
							<div key={String(dimension['code'])}>
								<h4>{String(dimension['name'])}</h4>
								<div class="board book-board">
									{(['S', 'W', 'O', 'T'] as const).map((quadrant) => (
										<div class={`quadrant q-${quadrant}`} key={quadrant}>
											<b>{words.swot.quadrant[quadrant]}</b>
											<ul>
												{mine
													.filter((one) => one['quadrant'] === quadrant)
													.map((one) => (
														<li key={String(one['id'])}>
															{quadrant}
															{String(one['seq'])}. {String(one['statement'])}{' '}
															<span class="tiny soft">
																{orgName(reference, one['org_id'], true)}
															</span>
														</li>
													))}
											</ul>
										</div>
									))}
								</div>
							</div>
						);
					})}
					<Strategies reference={reference} />
				</>
			)}
		</Shown>
	);
};

const Strategies: Made = ({ reference }) => {
	const links = useRows('tows_strategy_factor', { scope: scope() }),
		factors = useRows('swot_factor', { scope: scope() });
	const cites = (id: unknown): string =>
		values(links.value ?? [])
			.filter((one) => one['tows_strategy_id'] === id)
			.map((one) =>
				values(factors.value ?? []).find((factor) => factor['id'] === one['swot_factor_id']),
			)
			.map((one) => (one === undefined ? '' : `${String(one['quadrant'])}${String(one['seq'])}`))
			.sort()
			.join(', ');
	return (
		<Shown read={useRows('tows_strategy', { scope: scope() })}>
			{(rows) => {
				const chosen = live(rows).filter((one) => one['selected'] === 1),
					list = chosen.length > 0 ? chosen : live(rows);
				return (
					<>
						{reference.dimensions.map((dimension) => {
							const mine = list.filter((one) => one['dimension_code'] === dimension['code']);
							return mine.length === 0 ? null : (
								<Table
									key={String(dimension['code'])}
									caption={String(dimension['name'])}
									head={['', words.swot.strategies, words.swot.rests]}
									rows={mine
										.sort((a, b) => String(a['cell']).localeCompare(String(b['cell'])))
										.map((one) => [
											String(one['cell']),
											String(one['statement']),
											cites(one['id']),
										])}
								/>
							);
						})}
					</>
				);
			}}
		</Shown>
	);
};

const Directions: Made = ({ reference }) => {
	const columns = useColumns(reference, 'vision', 'direction').filter((one) =>
		['kind', 'statement', 'dimension_code', 'rpjmd_ref'].includes(one.name),
	);
	return (
		<Shown read={useRows('direction', { scope: scope(), order: 'seq' })}>
			{(rows) => (
				<Table
					head={columns.map((one) => one.label)}
					rows={values(rows).map((one) => cells(columns, one))}
				/>
			)}
		</Shown>
	);
};

const Programmes: Made = ({ reference }) => {
	const columns = useColumns(reference, 'programme', 'programme').filter((one) =>
		['dimension_code', 'name', 'output', 'beneficiaries', 'start_year', 'end_year'].includes(one.name),
	);
	return (
		<Shown read={useRows('programme', { scope: scope() })}>
			{(rows) => (
				<ByDimension
					reference={reference}
					rows={values(rows).filter((one) => one['origin'] !== 'dropped')}
					columns={columns}
					extra={{
						head: words.sheets.unit,
						of: (row) => orgName(reference, row['lead_org_id'], true),
					}}
				/>
			)}
		</Shown>
	);
};

const Roadmap: Made = ({ reference }) => {
	const programmes = useRows('programme', { scope: scope() });
	return (
		<Shown read={useRows('programme_year', { scope: scope() })}>
			{(rows) => {
				const years = [...new Set(values(rows).map((one) => Number(one['year'])))].sort();
				const of = (id: unknown, year: number): number =>
					Number(
						values(rows).find((one) => one['programme_id'] === id && one['year'] === year)?.[
							'budget_rp'
						] ?? 0,
					);
				const list = values(programmes.value ?? []);
				return (
					<Table
						head={[words.roadmap.programme, words.grid.dimension, ...years.map(String)]}
						rows={[
							...list.map((one) => [
								String(one['name']),
								dimensionName(reference, one['dimension_code']),
								...years.map((year) =>
									of(one['id'], year) === 0 ? '' : rupiah(of(one['id'], year)),
								),
							]),
							...(list.length === 0
								? []
								: [
										[
											<b key="t">{words.common.total}</b>,
											'',
											...years.map((year) => (
												<b key={year}>
													{rupiah(
														list.reduce(
															(sum, one) => sum + of(one['id'], year),
															0,
														),
													)}
												</b>
											)),
										],
									]),
						]}
					/>
				);
			}}
		</Shown>
	);
};

const QuickWins: Made = ({ reference }) => {
	const percents = useView('quick_win_percent', ['qw_progress'], { scope: scope() });
	const last = (id: unknown): string => {
		const one = percents.value?.find((p) => p['quick_win_id'] === id);
		return one === undefined ? '' : percent(Number(one['percent']));
	};
	return (
		<Shown read={useRows('quick_win', { scope: scope() })}>
			{(rows) => (
				<Table
					head={[
						words.grid.dimension,
						words.nav.quickWins,
						words.quickWin.about,
						words.sheets.unit,
						'%',
					]}
					rows={reference.dimensions.flatMap((dimension) =>
						values(rows)
							.filter((one) => one['dimension_code'] === dimension['code'])
							.map((one) => [
								String(dimension['name']),
								<>
									<b>{String(one['name'])}</b>
									{one['expansion'] != null && (
										<>
											<br />
											{String(one['expansion'])}
										</>
									)}
								</>,
								String(one['summary'] ?? ''),
								orgName(reference, one['lead_org_id'], true),
								last(one['id']),
							]),
					)}
				/>
			)}
		</Shown>
	);
};

const Milestones: Made = ({ reference }) => {
	const quickWins = useRows('quick_win', { scope: scope() });
	return (
		<Shown read={useRows('qw_milestone', { scope: scope(), order: 'seq' })}>
			{(rows) => (
				<Table
					head={[
						words.nav.quickWins,
						words.quickWin.milestones,
						words.sheets.unit,
						words.home.deadlines,
						words.quickWin.doneOn,
					]}
					rows={values(rows).map((one) => [
						String(
							values(quickWins.value ?? []).find((q) => q['id'] === one['quick_win_id'])?.[
								'name'
							] ?? '',
						),
						String(one['title']),
						orgName(reference, one['owner_org_id'], true),
						date(String(one['due_on'])),
						one['done_on'] === null ? '' : date(String(one['done_on'])),
					])}
				/>
			)}
		</Shown>
	);
};

const MADE: Record<string, Made> = {
	legal_basis: Legal,
	readiness: Readiness,
	issues: Issues,
	swot_tows: Swot,
	vision: Directions,
	directions: Directions,
	strategies: Strategies,
	programmes: Programmes,
	roadmap: Roadmap,
	quick_wins: QuickWins,
	milestones: Milestones,
};

// Where each table is filled in.
export const SOURCE: Record<string, string> = {
	readiness: '/kertas-kerja/KK-SIAP',
	issues: '/kertas-kerja/KK-ISU',
	swot_tows: '/swot',
	vision: '/kertas-kerja/KK-VISI',
	directions: '/kertas-kerja/KK-VISI',
	strategies: '/swot',
	programmes: '/kertas-kerja/KK-PROG',
	roadmap: '/peta-jalan',
	quick_wins: '/quick-win',
	milestones: '/quick-win',
};

export function Generated({ name, reference }: { name: string; reference: Reference }): JSX.Element {
	const Found = MADE[name];
	return Found === undefined ? (
		<p class="soft small">{words.common.unknownName(name)}</p>
	) : (
		<Found reference={reference} />
	);
}
