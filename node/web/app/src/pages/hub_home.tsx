// pages/hub_home.tsx - the nation on one page: each region a tile, coloured by what is asked for, or a row of a table.
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { download } from '../download.ts';
import { date, number } from '../format.ts';
import { daysSince, regionTitle, useCohorts, useRegions, type RegionNow } from '../hub.ts';
import { Button, Empty, PageHead, Panel, ProblemNotice, SelectField, Tabs, Tiles, type Tile, type TileGroup } from '../parts/index.ts';
import { goQuery, link, usePlace } from '../router.ts';
import { words } from '../text/index.ts';
import { SortedTable, type SortedColumn } from '../parts/sorted.tsx';

type Measure = 'stage' | 'submitted' | 'obligations' | 'percent' | 'contact';
const MEASURES: Measure[] = ['stage', 'submitted', 'obligations', 'percent', 'contact'];
type Shade = Pick<Tile, 'level' | 'sign' | 'said'>;

export const receivedOf = (r: RegionNow): [number, number] => [r.expected.filter((one) => one.received !== undefined).length, r.expected.length];

const none = (said: string): Shade => ({ level: 'none', sign: '·', said });
const step = (part: number): 0 | 1 | 2 | 3 | 4 | 5 => Math.max(0, Math.min(5, Math.ceil(part * 5))) as 0;

function shade(r: RegionNow, measure: Measure): Shade {
	if (r.cohort === null)
		return none(words.hub.notJoined);
	switch (measure) {
	case 'stage':
		return r.stage === null ? { level: 0, sign: '0', said: words.hub.notBegun } : { level: step((r.stage + 1) / 6), sign: String(r.stage), said: words.stages[r.stage] ?? '' };
	case 'submitted': {
		const [got, all] = receivedOf(r);
		return all === 0 ? none(words.hub.region.none) : { level: step(got / all), sign: String(got), said: words.hub.received(got, all) };
	}
	case 'obligations':
		return { level: step(r.obligations / 3), sign: String(r.obligations), said: words.hub.obligationsOf(r.obligations) };
	case 'percent':
		return r.percent === null ? none(words.hub.noQuickWins) : { level: step(r.percent / 100), sign: String(Math.round(r.percent)), said: `${number(r.percent, 1)} %` };
	case 'contact': {
		if (r.device?.last_contact == null)
			return { level: 0, sign: '?', said: r.device === undefined ? words.hub.notEnrolled : words.hub.noNews };
		const days = daysSince(r.device.last_contact);
		return { level: days === 0 ? 5 : days < 3 ? 4 : days < 7 ? 3 : days < 30 ? 2 : 1, sign: days > 99 ? '99' : String(days), said: words.hub.daysAgo(days) };
	}
	}
}

function groups(regions: RegionNow[], measure: Measure): TileGroup[] {
	const found = new Map<string, TileGroup>();
	for (const r of [...regions].sort((a, b) => (a.code < b.code ? -1 : 1))) {
		let group = found.get(r.province);
		if (group === undefined)
			found.set(r.province, group = { code: r.province, name: r.provinceName, tiles: [] });
		group.tiles.push({ code: r.code, name: regionTitle(r), to: link('daerah', r.code), ...shade(r, measure) });
	}
	return [...found.values()];
}

const LEGEND: Record<Measure, () => [Tile['level'], string, string][]> = {
	stage: () => [[0, '0', words.hub.notBegun], [1, '0', words.stages[0]!], [2, '1', words.stages[1]!], [3, '2', words.stages[2]!], [4, '3', words.stages[3]!], [5, '4', words.stages[4]!]],
	submitted: () => [[0, '0', '0'], [2, '1', '1'], [4, '2', '2'], [5, '3', words.common.all]],
	obligations: () => [[0, '0', '0'], [2, '1', words.hub.obligationsOf(1)], [4, '2', words.hub.obligationsOf(2)], [5, '3', words.hub.obligationsOf(3)]],
	percent: () => [[1, '20', '1–20 %'], [2, '40', '–40 %'], [3, '60', '–60 %'], [4, '80', '–80 %'], [5, '99', '–100 %']],
	contact: () => [[5, '0', words.hub.daysAgo(0)], [4, '2', '1–2'], [3, '6', '3–6'], [2, '29', '7–29'], [1, '30', '≥ 30'], [0, '?', words.hub.noNews]],
};

function Legend({ measure }: { measure: Measure }): JSX.Element {
	return (
		<p class="tile-legend"><strong>{words.hub.legend}</strong>
			{LEGEND[measure]().map(([level, sign, said]) => <span key={`${level}${said}`}><i class={`tile l${level}`} style={{ fontStyle: 'normal' }}>{sign}</i>{said}</span>)}
			<span><i class="tile lnone" style={{ fontStyle: 'normal' }}>·</i>{words.hub.notJoined}</span>
		</p>
	);
}

const columns = (): SortedColumn<RegionNow>[] => {
	const c = words.hub.columns;
	return [
		{ name: 'name', title: c.region, value: (r) => r.name, show: (r) => <a href={link('daerah', r.code)}>{`${words.kinds[r.kind as 'kota'] ?? ''} ${r.name}`}</a> },
		{ name: 'code', title: c.code, value: (r) => r.code },
		{ name: 'province', title: words.hub.province, value: (r) => r.provinceName },
		{ name: 'stage', title: c.stage, value: (r) => r.stage ?? -1, show: (r) => (r.stage === null ? words.hub.notBegun : words.stages[r.stage]) },
		{ name: 'units', title: c.units, value: (r) => r.organizations, number: true },
		{ name: 'issues', title: c.issues, value: (r) => r.issues, number: true },
		{ name: 'programmes', title: c.programmes, value: (r) => r.programmes, number: true },
		{ name: 'quickWins', title: c.quickWins, value: (r) => r.quickWins, number: true },
		{ name: 'percent', title: c.percent, value: (r) => r.percent ?? -1, number: true, show: (r) => (r.percent === null ? '' : `${number(r.percent, 1)} %`) },
		{ name: 'obligations', title: c.obligations, value: (r) => r.obligations, number: true, show: (r) => words.hub.obligationsOf(r.obligations) },
		{ name: 'received', title: c.received, value: (r) => receivedOf(r)[0], number: true, show: (r) => words.hub.received(...receivedOf(r)) },
		{ name: 'contact', title: c.contact, value: (r) => r.device?.last_contact ?? '', show: (r) => (r.device?.last_contact == null ? (r.device === undefined ? words.hub.notEnrolled : words.hub.noNews) : date(r.device.last_contact)) },
	];
};

export function Numbers({ regions }: { regions: RegionNow[] }): JSX.Element {
	const all = regions.flatMap((r) => r.expected), received = all.filter((one) => one.received !== undefined);
	const count = (how: string): number => received.filter((one) => one.received!.timeliness === how).length;
	return (
		<div class="numbers">
			<div><b>{all.length}</b><span>{words.hub.expected}</span></div>
			<div><b>{received.length}</b><span>{words.hub.receivedN}</span></div>
			<div class="good"><b>{count('on_time')}</b><span>{words.hub.onTime}</span></div>
			<div class="wait"><b>{count('in_grace') + count('late')}</b><span>{words.hub.inGrace} / {words.hub.lateN}</span></div>
			<div class={all.length > received.length ? 'bad' : ''}><b>{all.length - received.length}</b><span>{words.hub.missingN}</span></div>
		</div>
	);
}

export default function HubHomePage(): JSX.Element {
	const { query } = usePlace(), cohorts = useCohorts(), { regions, problem } = useRegions();
	const [saved, setSaved] = useState(false);
	const measure = (MEASURES as string[]).includes(query.get('warna') ?? '') ? query.get('warna') as Measure : 'stage';
	const cohort = query.get('angkatan') ?? '', view = query.get('lihat') === 'tabel' ? 'tabel' : 'peta';
	const list = useMemo(() => (regions ?? []).filter((r) => cohort === '' || r.cohort === cohort), [regions, cohort]);
	const joined = useMemo(() => list.filter((r) => r.cohort !== null), [list]);
	if (problem !== undefined)
		return <ProblemNotice problem={problem.problem!} again={problem.again} />;
	if (regions === undefined)
		return <p class="loading" role="status">{words.common.loading}</p>;
	const csv = (): void => { downloadTable(columns(), view === 'peta' ? joined : list); setSaved(true); };
	return (
		<div class="stack">
			<PageHead title={words.hub.title} intro={words.hub.intro(joined.length)} actions={<Button small icon={saved ? 'check' : 'table'} onClick={csv}>{words.hub.download}</Button>} />
			<Numbers regions={joined} />
			<Panel>
				<div class="stack">
					<div class="controls no-print">
						<SelectField label={words.hub.cohort} value={cohort} change={(v) => goQuery({ angkatan: v === '' ? null : v })} empty={words.hub.whole}
							options={cohorts.map((one) => ({ value: String(one['id']), label: String(one['name']) }))} />
						{view === 'peta' && <SelectField label={words.hub.colourBy} value={measure} change={(v) => goQuery({ warna: v })}
							options={MEASURES.map((one) => ({ value: one, label: words.hub.measures[one] }))} />}
						<Tabs label={words.hub.title} now={view} choose={(v) => goQuery({ lihat: v })} tabs={[{ name: 'peta', label: words.hub.map }, { name: 'tabel', label: words.hub.table }]} />
					</div>
					{list.length === 0 ? <Empty title={words.hub.region.none} />
						: view === 'peta' ? <><Tiles groups={groups(list, measure)} label={words.hub.map} hint={words.hub.measures[measure]} /><Legend measure={measure} /></>
							: <SortedTable columns={columns()} rows={list} keyOf={(r) => r.code} start="code" />}
				</div>
			</Panel>
		</div>
	);
}

// As a spreadsheet opens it: what begins like a formula is made a text.
function downloadTable(columns: SortedColumn<RegionNow>[], rows: RegionNow[]): void {
	const cell = (value: string | number): string => {
		const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
		return /[",\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
	};
	const lines = [columns.map((c) => cell(c.title)), ...rows.map((r) => columns.map((c) => cell(c.value(r) === -1 ? '' : c.value(r))))];
	download('daerah.csv', new Blob([`\ufeff${lines.map((line) => line.join(',')).join('\r\n')}\r\n`], { type: 'text/csv' }));
}
