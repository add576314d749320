// pages/hub_ranking.tsx - quick wins of all regions by percentage.
import type { JSX } from 'preact';
import type { Values } from '../api.ts';
import { date } from '../format.ts';
import { useRegionTitles } from '../hub.ts';
import { Badge, Bar, Empty, PageHead, Panel, Shown } from '../parts/index.ts';
import { SortedTable, type SortedColumn } from '../parts/sorted.tsx';
import { link } from '../router.ts';
import { useView } from '../store.ts';
import { words } from '../text/index.ts';

export default function HubRankingPage(): JSX.Element {
	const list = useView('quick_win_list', ['quick_win', 'qw_progress', 'qw_milestone', 'status_event']);
	const titleOf = useRegionTitles();
	const columns: SortedColumn<Values>[] = [
		{ name: 'name', title: words.nav.quickWins, value: (q) => String(q['name']), show: (q) => <><strong>{String(q['name'])}</strong>{q['expansion'] !== null && <div class="small soft">{String(q['expansion'])}</div>}</> },
		{ name: 'region', title: words.hub.columns.region, value: (q) => titleOf(String(q['scope'])), show: (q) => <a href={link('daerah', String(q['scope']))}>{titleOf(String(q['scope']))}</a> },
		{ name: 'dimension', title: words.hub.dimension, value: (q) => String(q['dimension_code']) },
		{ name: 'percent', title: '%', value: (q) => (q['percent'] === null ? -1 : Number(q['percent'])), number: true,
			show: (q) => (q['percent'] === null ? <span class="soft">{words.hub.region.none}</span> : <><Bar percent={Number(q['percent'])} />{String(q['percent'])} %</>) },
		{ name: 'basis', title: words.hub.asOf, value: (q) => String(q['as_of'] ?? ''), show: (q) => (q['as_of'] === null ? '' : <>{date(String(q['as_of']))} <Badge tone={q['basis'] === 'verified' ? 'good' : 'plain'} icon={null}>{words.hub.basis[q['basis'] as 'declared']}</Badge></>) },
		{ name: 'milestones', title: words.hub.milestones, value: (q) => Number(q['done']), number: true, show: (q) => words.common.of(String(q['done']), String(q['milestones'])) },
	];
	return (
		<div class="stack">
			<PageHead title={words.hub.ranking} intro={words.hub.rankingIntro} />
			<Shown read={list}>{(rows) => (rows.length === 0 ? <Panel><Empty icon="star" title={words.hub.noQuickWins}>{words.hub.noQuickWinsText}</Empty></Panel>
				: <Panel><SortedTable columns={columns} rows={rows} keyOf={(q) => `${String(q['scope'])} ${String(q['id'])}`} start="percent" descending /></Panel>)}</Shown>
		</div>
	);
}
