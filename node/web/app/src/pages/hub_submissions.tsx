// pages/hub_submissions.tsx - expected, received, on time, for each deadline; who has not submitted; extensions.
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { api, newId, Problem } from '../api.ts';
import { dateTime } from '../format.ts';
import { regionTitle, useRegions, type Due, type Expected, type RegionNow } from '../hub.ts';
import { Badge, Button, Empty, LinkButton, PageHead, Panel, problemText, ProblemNotice, TextField, type Tone } from '../parts/index.ts';
import { SortedTable, type SortedColumn } from '../parts/sorted.tsx';
import { link } from '../router.ts';
import { mayWrite } from '../session.ts';
import { useRows } from '../store.ts';
import { words } from '../text/index.ts';

type Pair = { region: RegionNow; one: Expected };
export const TONE: Record<string, Tone> = { on_time: 'good', in_grace: 'wait', late: 'bad' };

export function Timeliness({ one }: { one: Expected }): JSX.Element {
	const got = one.received;
	if (got === undefined)
		return <Badge tone={Date.parse(one.due) < Date.now() ? 'bad' : 'plain'}>{one.sealed === undefined ? words.hub.missingN : words.hub.waitingReceipt}</Badge>;
	const how = got.timeliness ?? 'on_time';
	return <Badge tone={TONE[how] ?? 'note'}>{words.hub.timeliness[how]}</Badge>;
}

// An extension is a deadline of one region, with its reason, seen by all.
function Extension({ pair, close }: { pair: Pair; close: () => void }): JSX.Element {
	const [until, setUntil] = useState(pair.one.due.slice(0, 10)), [reason, setReason] = useState('');
	const [busy, setBusy] = useState(false), [problem, setProblem] = useState<Problem | null>(null);
	const save = async (event: Event): Promise<void> => {
		event.preventDefault();
		setBusy(true);
		try {
			await api.insert('deadline', { id: newId(), cohort_id: pair.one.cohort, region_code: pair.region.code, object: pair.one.object, object_code: pair.one.code,
				due_ts: `${until}T16:59:00Z`, grace_hours: 0, state: 'open', reason });
			close();
		} catch (e) {
			setProblem(e as Problem);
		}
		setBusy(false);
	};
	return (
		<form class="controls" onSubmit={(e) => void save(e)}>
			{problem !== null && <p class="small">{problemText(problem)}</p>}
			<TextField label={words.hub.until} help={words.hub.untilHelp} type="date" value={until} change={setUntil} required />
			<TextField label={words.hub.reason} help={words.hub.reasonHelp} value={reason} change={setReason} required />
			<Button kind="main" type="submit" disabled={reason.trim().length < 5} busy={busy && words.common.loading}>{words.hub.extend}</Button>
			<Button kind="quiet" onClick={close}>{words.common.cancel}</Button>
		</form>
	);
}

function Missing({ due, title, pairs }: { due: Due; title: string; pairs: Pair[] }): JSX.Element {
	const [extend, setExtend] = useState(''), [copied, setCopied] = useState(false);
	const missing = pairs.filter(({ one }) => one.received === undefined);
	const copy = async (): Promise<void> => {
		await navigator.clipboard.writeText([words.hub.message(title), ...missing.map(({ region }) => `- ${regionTitle(region)}`)].join('\n'));
		setCopied(true);
	};
	if (missing.length === 0)
		return <p class="small soft">{words.hub.allIn}</p>;
	const columns: SortedColumn<Pair>[] = [
		{ name: 'name', title: words.hub.columns.region, value: ({ region }) => region.name, show: ({ region }) => <a href={link('daerah', region.code)}>{regionTitle(region)}</a> },
		{ name: 'contact', title: words.hub.columns.contact, value: ({ region }) => region.device?.last_contact ?? '',
			show: ({ region }) => (region.device?.last_contact == null ? words.hub.never : dateTime(region.device.last_contact, 'WIB')) },
		{ name: 'due', title: words.hub.due, value: ({ one }) => one.due,
			show: ({ one }) => <>{dateTime(one.due, one.zone as 'WIB')}{one.extended && <> <Badge tone="note" title={one.reason ?? ''}>{words.hub.extended}: {one.reason}</Badge></>}</> },
		{ name: 'state', title: words.state.details, value: ({ one }) => (one.sealed === undefined ? '' : one.sealed.sealed_at), show: ({ one }) => <Timeliness one={one} /> },
		{ name: 'extend', title: words.hub.extension, value: () => '', show: (pair) => (mayWrite('deadline') && extend !== pair.region.code
			? <Button small onClick={() => setExtend(pair.region.code)}>{words.hub.extension}</Button> : null) },
	];
	const open = missing.find(({ region }) => region.code === extend);
	return (
		<>
			<div class="button-row"><strong class="grow">{words.hub.whoMissing} ({missing.length})</strong>
				<Button small icon={copied ? 'check' : 'comment'} onClick={() => void copy()}>{copied ? words.hub.copied : words.hub.copy}</Button></div>
			{open !== undefined && <><p class="small"><strong>{regionTitle(open.region)}</strong> · {due.code}</p><Extension pair={open} close={() => setExtend('')} /></>}
			<SortedTable columns={columns} rows={missing} keyOf={({ region }) => region.code} start="name" />
		</>
	);
}

export default function HubSubmissionsPage(): JSX.Element {
	const { regions, problem } = useRegions();
	const titles = useRows('book_template');
	const objects = useMemo(() => {
		const found = new Map<string, { due: Due; pairs: Pair[] }>();
		for (const region of regions ?? [])
			for (const one of region.expected) {
				const name = `${one.cohort} ${one.object} ${one.code}`;
				const group = found.get(name) ?? { due: one, pairs: [] };
				group.pairs.push({ region, one });
				if (!one.extended)
					group.due = one;
				found.set(name, group);
			}
		return [...found.values()].sort((a, b) => (a.due.due < b.due.due ? -1 : 1));
	}, [regions]);
	if (problem !== undefined)
		return <ProblemNotice problem={problem.problem!} again={problem.again} />;
	if (regions === undefined)
		return <p class="loading" role="status">{words.common.loading}</p>;
	const titleOf = (due: Due): string => String(titles.value?.find((row) => row.values['code'] === due.code)?.values['title_id'] ?? `${words.home.object[due.object as 'book'] ?? due.object} ${due.code}`);
	return (
		<div class="stack">
			<PageHead title={words.hub.submissions} intro={words.hub.submissionsIntro} />
			{objects.length === 0 && <Panel><Empty title={words.home.noDeadlines} /></Panel>}
			{objects.map(({ due, pairs }) => {
				const got = pairs.filter(({ one }) => one.received !== undefined), on = got.filter(({ one }) => one.received!.timeliness === 'on_time');
				return (
					<Panel key={due.id} title={titleOf(due)} actions={<span class="small soft">{words.hub.due}: {dateTime(due.due, 'WIB')}</span>}>
						<div class="stack">
							<div class="numbers">
								<div><b>{pairs.length}</b><span>{words.hub.expected}</span></div>
								<div><b>{got.length}</b><span>{words.hub.receivedN}</span></div>
								<div class="good"><b>{on.length}</b><span>{words.hub.onTime}</span></div>
								<div class={pairs.length > got.length ? 'bad' : ''}><b>{pairs.length - got.length}</b><span>{words.hub.missingN}</span></div>
							</div>
							{got.length > 0 && (
								<ul class="task-list">{got.map(({ region, one }) => (
									<li key={region.code}><a href={link('daerah', region.code)}>{regionTitle(region)}</a>
										<span class="small soft grow">{words.submit.version(one.received!.version)} · {dateTime(one.received!.received_at!, 'WIB')}</span>
										<Timeliness one={one} /><LinkButton small to={link('tanda-terima', one.received!.id)}>{words.submit.receipt}</LinkButton></li>
								))}</ul>
							)}
							<Missing due={due} title={titleOf(due)} pairs={pairs} />
						</div>
					</Panel>
				);
			})}
		</div>
	);
}
