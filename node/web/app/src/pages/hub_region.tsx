// pages/hub_region.tsx - one region as the centre sees it: figures, submissions and their review, quick wins, devices.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { api, newId, Problem } from '../api.ts';
import { dateTime, when } from '../format.ts';
import { regionTitle, useRegions, useSubmissions, type RegionNow, type Submission } from '../hub.ts';
import { AreaField, Badge, Bar, Button, Empty, LinkButton, PageHead, Panel, problemText, ProblemNotice, SelectField, Shown, type Tone } from '../parts/index.ts';
import { link } from '../router.ts';
import { mayWrite, userName } from '../session.ts';
import { useRows, useView } from '../store.ts';
import { words } from '../text/index.ts';
import type { PageProps } from './index.ts';
import { receivedOf } from './hub_home.tsx';
import { Progress } from './submit.tsx';

const OUTCOMES = ['diterima', 'perlu_perbaikan', 'ditolak'] as const;
const OUTCOME_TONE: Record<string, Tone> = { diterima: 'good', perlu_perbaikan: 'wait', ditolak: 'bad' };

function Review({ one }: { one: Submission }): JSX.Element {
	const reviews = useRows('hub_review', { scope: one.scope, submission_id: one.id });
	const [open, setOpen] = useState(false), [outcome, setOutcome] = useState<string>('diterima'), [summary, setSummary] = useState('');
	const [problem, setProblem] = useState<Problem | null>(null), [busy, setBusy] = useState(false);
	const last = [...(reviews.value ?? [])].sort((a, b) => (String(a.values['ts']) < String(b.values['ts']) ? 1 : -1))[0]?.values;
	const send = async (event: Event): Promise<void> => {
		event.preventDefault();
		setBusy(true);
		try {
			await api.insert('hub_review', { scope: one.scope, id: newId(), submission_id: one.id, outcome, summary, reviewer: userName(), ts: new Date().toISOString().replace(/\.\d+/, '') });
			setOpen(false);
		} catch (e) {
			setProblem(e as Problem);
		}
		setBusy(false);
	};
	return (
		<>
			<div class="button-row">
				<Badge tone={last === undefined ? 'plain' : OUTCOME_TONE[String(last['outcome'])] ?? 'note'}>{last === undefined ? words.hub.review.waiting : words.hub.review[last['outcome'] as 'diterima']}</Badge>
				{last !== undefined && <span class="small soft grow">{String(last['summary'])} · {String(last['reviewer'])}</span>}
				{mayWrite('hub_review') && !open && <Button small icon="comment" onClick={() => setOpen(true)}>{words.hub.review.title}</Button>}
			</div>
			{open && (
				<form class="stack tight" onSubmit={(e) => void send(e)}>
					{problem !== null && <p class="small">{problemText(problem)}</p>}
					<SelectField label={words.hub.review.outcome} value={outcome} change={setOutcome} options={OUTCOMES.map((name) => ({ value: name, label: words.hub.review[name] }))} />
					<AreaField label={words.hub.review.summary} value={summary} change={setSummary} required />
					<div class="button-row"><Button kind="main" type="submit" disabled={summary.trim().length < 3} busy={busy && words.common.loading}>{words.hub.review.send}</Button>
						<Button kind="quiet" onClick={() => setOpen(false)}>{words.common.cancel}</Button></div>
				</form>
			)}
		</>
	);
}

function Region({ region }: { region: RegionNow }): JSX.Element {
	const submissions = useSubmissions(), quickWins = useView('quick_win_list', ['quick_win', 'qw_progress', 'status_event'], { scope: region.code });
	const mine = (submissions.value ?? []).filter((one) => one.scope === region.code).sort((a, b) => (a.sealed_at < b.sealed_at ? 1 : -1));
	const c = words.hub.columns, [got, all] = receivedOf(region);
	return (
		<div class="stack">
			<PageHead title={regionTitle(region)} intro={`${region.provinceName} · ${region.zone}`} back={{ to: '/', label: words.hub.title }} />
			<div class="numbers">
				<div><b>{region.stage ?? '–'}</b><span>{region.stage === null ? words.hub.notBegun : words.stages[region.stage]}</span></div>
				<div><b>{region.organizations}</b><span>{c.units}</span></div>
				<div><b>{region.issues}</b><span>{c.issues}</span></div>
				<div><b>{region.programmes}</b><span>{c.programmes}</span></div>
				<div><b>{got}/{all}</b><span>{c.received}</span></div>
				<div class={region.obligations === 3 ? 'good' : 'wait'}><b>{region.obligations}/3</b><span>{c.obligations}</span></div>
			</div>
			<div class="columns">
				<Panel title={words.hub.region.books}>
					{mine.length === 0 ? <Empty icon="book" title={words.hub.region.none} /> : mine.map((one) => (
						<div class="version-line" key={one.id}>
							<strong>{one.code} · {words.submit.version(one.version)}</strong><span class="grow small soft">{one.received_at == null ? when(one.sealed_at) : dateTime(one.received_at, 'WIB')}</span>
							<Progress one={one} /><LinkButton small to={link('tanda-terima', one.id)}>{words.submit.receipt}</LinkButton>
							<div style={{ flexBasis: '100%' }}><Review one={one} /></div>
						</div>
					))}
				</Panel>
				<Panel title={words.hub.region.deadlines}>
					{region.expected.length === 0 ? <Empty icon="clock" title={words.home.noDeadlines} /> : (
						<ul class="task-list">{region.expected.map((one) => (
							<li key={one.id}><span class="grow"><strong>{one.code}</strong> <span class="small soft">{dateTime(one.due, one.zone as 'WIB')}{one.extended && <> · {words.hub.extended}: {one.reason}</>}</span></span>
								{one.received === undefined ? <Badge>{words.hub.missingN}</Badge> : <Progress one={one.received} />}</li>
						))}</ul>
					)}
				</Panel>
				<Panel title={words.hub.region.quickWins}>
					<Shown read={quickWins}>{(rows) => (rows.length === 0 ? <Empty icon="star" title={words.hub.noQuickWins} /> : (
						<ul class="task-list">{[...rows].sort((a, b) => Number(b['percent']) - Number(a['percent'])).map((q) => (
							<li key={String(q['id'])}><span class="grow">{String(q['name'])}</span><span style={{ width: '90px' }}><Bar percent={Number(q['percent'] ?? 0)} /></span>
								<span class="number nowrap" style={{ width: '48px' }}>{q['percent'] === null ? '–' : `${String(q['percent'])} %`}</span></li>
						))}</ul>
					))}</Shown>
				</Panel>
				<Panel title={words.hub.region.devices}>
					{region.device === undefined ? <Empty icon="shield" title={words.hub.notEnrolled} /> : (
						<dl class="small"><dt class="soft">{words.hub.device}</dt><dd>{region.device.name}<div class="mono tiny">{region.device.words}</div></dd>
							<dt class="soft">{words.hub.lastContact}</dt><dd>{region.device.last_contact === null ? words.hub.never : when(region.device.last_contact)}</dd>
							<dt class="soft">{words.hub.changesets}</dt><dd>{region.device.changesets}</dd></dl>
					)}
				</Panel>
			</div>
		</div>
	);
}

export default function HubRegionPage({ parts }: PageProps): JSX.Element {
	const { regions, problem } = useRegions();
	if (problem !== undefined)
		return <ProblemNotice problem={problem.problem!} again={problem.again} />;
	if (regions === undefined)
		return <p class="loading" role="status">{words.common.loading}</p>;
	const region = regions.find((one) => one.code === parts[0]);
	return region === undefined ? <Empty title={words.problem.notFound}><a href="/">{words.problem.toHome}</a></Empty> : <Region region={region} />;
}
