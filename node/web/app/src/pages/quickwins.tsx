// pages/quickwins.tsx - the list of quick wins by percent, and the way to one of them.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Row, Values } from '../api.ts';
import { date, percent } from '../format.ts';
import {
	Badge,
	Bar,
	Empty,
	LinkButton,
	PageHead,
	Panel,
	Shown,
	Tabs,
	useThreads,
	type Tone,
} from '../parts/index.ts';
import { dimensionName, orgName, useReference, type Reference } from '../reference.ts';
import { link } from '../router.ts';
import { scope } from '../session.ts';
import { useRows, useView } from '../store.ts';
import { words } from '../text/index.ts';
import { OneQuickWin } from './quickwin.tsx';
import type { PageProps } from './index.ts';

export type QuickWinState = keyof typeof words.quickWin.states;
export const STATE_TONE: Record<QuickWinState, Tone> = {
	candidate: 'plain',
	shortlisted: 'note',
	selected: 'note',
	named: 'good',
	running: 'good',
	done: 'good',
	stopped: 'bad',
};

export default function QuickWinsPage({ parts }: PageProps): JSX.Element {
	const reference = useReference(),
		rows = useRows('quick_win', { scope: scope() });
	if (reference === undefined) return <p class="loading">{words.common.loading}</p>;
	return (
		<Shown read={rows}>
			{(list) => {
				const row = list.find((one) => one.values['id'] === parts[0]);
				return row === undefined ? (
					<List reference={reference} rows={list} />
				) : (
					<OneQuickWin key={parts[0]} reference={reference} row={row} all={list} />
				);
			}}
		</Shown>
	);
}

function List({ reference, rows }: { reference: Reference; rows: Row[] }): JSX.Element {
	const percents = useView('quick_win_percent', ['qw_progress'], { scope: scope() }),
		states = useView('object_state', ['status_event'], { object_kind: 'quick_win' });
	const { threads, closed } = useThreads({}),
		[order, setOrder] = useState<'percent' | 'dimension'>('percent');
	const last = (id: unknown): Values | undefined =>
		percents.value?.find((one) => one['quick_win_id'] === id);
	const stateOf = (id: unknown): QuickWinState =>
		(states.value?.find((one) => one['object_id'] === id)?.['state'] ?? 'candidate') as QuickWinState;
	const dimension = (row: Row): number =>
		reference.dimensions.findIndex((one) => one['code'] === row.values['dimension_code']);
	const sorted = [...rows].sort((a, b) =>
		order === 'percent'
			? Number(last(a.values['id'])?.['percent'] ?? -1) -
				Number(last(b.values['id'])?.['percent'] ?? -1)
			: dimension(a) - dimension(b),
	);
	const chosen = (code: unknown): number =>
		rows.filter(
			(row) =>
				row.values['dimension_code'] === code &&
				['selected', 'named', 'running', 'done'].includes(stateOf(row.values['id'])),
		).length;
	const limit = Number(reference.cohort?.['quick_wins_per_dimension'] ?? 1);
	return (
		<div class="stack">
			<PageHead
				title={words.nav.quickWins}
				intro={words.quickWin.intro(limit)}
				actions={
					<>
						<Tabs
							label={words.quickWin.order}
							now={order}
							choose={setOrder}
							tabs={[
								{ name: 'percent', label: words.quickWin.byPercent },
								{ name: 'dimension', label: words.quickWin.byDimension },
							]}
						/>
						<LinkButton to={link('kertas-kerja', 'KK-QW')} icon="plus">
							{words.quickWin.add}
						</LinkButton>
					</>
				}
			/>
			<div class="chips">
				{reference.dimensions.map((one) => {
					const n = chosen(one['code']);
					return (
						<Badge key={String(one['code'])} tone={n > limit ? 'bad' : n > 0 ? 'good' : 'plain'}>
							{String(one['name'])}: {words.common.of(String(n), String(limit))}
						</Badge>
					);
				})}
			</div>
			{rows.length === 0 && (
				<Empty icon="star" title={words.quickWin.empty}>
					{words.quickWin.emptyText}
				</Empty>
			)}
			<Panel flush>
				{sorted.map((row) => {
					const id = row.values['id'],
						now = last(id),
						state = stateOf(id),
						open = threads.filter(
							(thread) => thread['target_id'] === id && !closed.has(String(thread['id'])),
						).length;
					return (
						<a class="qw-row" key={String(id)} href={link('quick-win', String(id))}>
							<div class="qw-name">
								<strong>{String(row.values['name'])}</strong>
								<span class="small soft">{String(row.values['expansion'] ?? '')}</span>
							</div>
							<div class="small">
								<span>{dimensionName(reference, row.values['dimension_code'])}</span>
								<br />
								<span class="soft">
									{orgName(reference, row.values['lead_org_id'], true)}
								</span>
							</div>
							<div class="qw-percent">
								<b>{now === undefined ? '–' : percent(Number(now['percent']))}</b>
								<Bar
									percent={Number(now?.['percent'] ?? 0)}
									label={
										now === undefined
											? words.quickWin.noPercent
											: percent(Number(now['percent']))
									}
								/>
								<span class="tiny soft">
									{now === undefined
										? words.quickWin.noPercent
										: `${words.quickWin.basis[now['basis'] as 'declared']}, ${date(String(now['as_of']))}`}
								</span>
							</div>
							<div class="qw-marks">
								<Badge tone={STATE_TONE[state]}>{words.quickWin.states[state]}</Badge>
								{open > 0 && (
									<Badge tone="wait" icon="comment">
										{words.quickWin.threads(open)}
									</Badge>
								)}
								{(row.state.contested?.length ?? 0) > 0 && (
									<Badge tone="wait" icon="split">
										{words.state.contested}
									</Badge>
								)}
							</div>
						</a>
					);
				})}
			</Panel>
		</div>
	);
}
