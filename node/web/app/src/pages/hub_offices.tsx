// pages/hub_offices.tsx - the devices that may send, those that ask to, and invitations.
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { api, type Problem } from '../api.ts';
import { when } from '../format.ts';
import { useDevices, useRegionTitles, useRequests, type Device, type Request } from '../hub.ts';
import { Badge, Button, Empty, Notice, PageHead, Panel, problemText, Shown, TextField } from '../parts/index.ts';
import { SortedTable, type SortedColumn } from '../parts/sorted.tsx';
import { link } from '../router.ts';
import { useRows } from '../store.ts';
import { words } from '../text/index.ts';

function Asking({ request, name, again }: { request: Request; name: string; again: () => void }): JSX.Element {
	const [busy, setBusy] = useState(false), [problem, setProblem] = useState<Problem | null>(null);
	const answer = async (approve: boolean): Promise<void> => {
		setBusy(true);
		try {
			await api.send('POST', '/hub/requests', { words: request.words, scope: request.scope, approve });
			again();
		} catch (e) {
			setProblem(e as Problem);
		}
		setBusy(false);
	};
	return (
		<div class="request">
			<div><strong>{name}</strong> <span class="soft small">· {request.name}{request.asked_at !== null && <> · {when(request.asked_at)}</>}</span></div>
			<div class="words6">{request.words}</div>
			{problem !== null && <Notice tone="bad">{problemText(problem)}</Notice>}
			<div class="button-row"><Button kind="main" small icon="check" busy={busy && words.common.loading} onClick={() => void answer(true)}>{words.hub.approve}</Button>
				<Button small kind="danger" disabled={busy} onClick={() => void answer(false)}>{words.hub.refuse}</Button></div>
		</div>
	);
}

function Invite({ nameOf }: { nameOf: (code: string) => string }): JSX.Element {
	const [scope, setScope] = useState(''), [made, setMade] = useState<string | null>(null), [problem, setProblem] = useState<Problem | null>(null);
	const regions = useRows('region');
	const list = useMemo(() => (regions.value ?? []).map((row) => `${String(row.values['code'])} ${String(row.values['name'])}`), [regions.value]);
	const code = /^\d\d\.\d\d/.exec(scope)?.[0] ?? '';
	const make = async (event: Event): Promise<void> => {
		event.preventDefault();
		setProblem(null);
		try {
			setMade((await api.send<{ invitation: string }>('POST', '/hub/invitations', { scope: code, role: 'writer' })).invitation);
		} catch (e) {
			setProblem(e as Problem);
		}
	};
	return (
		<Panel title={words.hub.invite}>
			<form class="stack" onSubmit={(e) => void make(e)}>
				<TextField label={words.hub.inviteFor} value={scope} change={(v) => { setScope(v); setMade(null); }} list={list} required />
				{code !== '' && <p class="small soft">{nameOf(code)}</p>}
				{problem !== null && <Notice tone="bad">{problemText(problem)}</Notice>}
				<div><Button type="submit" kind="main" disabled={code === ''}>{words.hub.inviteMake}</Button></div>
				{made !== null && <><p class="small">{words.hub.inviteText}</p><p class="secret">{made}</p></>}
			</form>
		</Panel>
	);
}

export default function HubOfficesPage(): JSX.Element {
	const devices = useDevices(), requests = useRequests(), nameOf = useRegionTitles();
	const columns: SortedColumn<Device>[] = [
		{ name: 'region', title: words.hub.columns.region, value: (d) => nameOf(d.scope), show: (d) => <a href={link('daerah', d.scope)}>{nameOf(d.scope)}</a> },
		{ name: 'device', title: words.hub.device, value: (d) => d.name, show: (d) => <>{d.name} {d.revoked && <Badge tone="bad">{words.hub.revoked}</Badge>}<div class="tiny mono soft">{d.words}</div></> },
		{ name: 'contact', title: words.hub.lastContact, value: (d) => d.last_contact ?? '', show: (d) => (d.last_contact === null ? words.hub.never : when(d.last_contact)) },
		{ name: 'sent', title: words.hub.lastChangeset, value: (d) => d.last_changeset_at ?? '', show: (d) => (d.last_changeset_at === null ? words.hub.region.none : when(d.last_changeset_at)) },
		{ name: 'n', title: words.hub.changesets, value: (d) => d.changesets, number: true },
		{ name: 'quarantined', title: words.hub.quarantined, value: (d) => d.quarantined, number: true, show: (d) => (d.quarantined === 0 ? '0' : <Badge tone="bad">{d.quarantined}</Badge>) },
		{ name: 'contested', title: words.state.contested, value: (d) => d.contested, number: true },
		{ name: 'clock', title: words.hub.clock, value: (d) => Math.abs(d.clock_skew_ms ?? 0), number: true,
			show: (d) => (d.clock_skew_ms === null ? '' : Math.abs(d.clock_skew_ms) > 300e3 ? <Badge tone="wait">{words.hub.minutes(Math.round(d.clock_skew_ms / 60e3))}</Badge> : words.hub.minutes(Math.round(d.clock_skew_ms / 60e3))) },
		{ name: 'version', title: words.hub.version, value: (d) => d.version ?? '' },
	];
	return (
		<div class="stack">
			<PageHead title={words.hub.offices} intro={words.hub.officesIntro} />
			<div class="columns">
				<Panel title={words.hub.asking}>
					<Shown read={requests}>{(list) => {
						const waiting = list.filter((one) => one.state === 'waiting');
						return waiting.length === 0 ? <p class="soft small">{words.hub.noneAsking}</p>
							: <><p class="small soft">{words.hub.compare}</p>{waiting.map((one) => <Asking key={one.words + one.scope} request={one} name={nameOf(one.scope)} again={() => { requests.again(); devices.again(); }} />)}</>;
					}}</Shown>
				</Panel>
				<Invite nameOf={nameOf} />
			</div>
			<Shown read={devices}>{(list) => (
				<Panel title={words.hub.region.devices}>{list.length === 0 ? <Empty icon="shield" title={words.hub.noOffices}>{words.hub.noOfficesText}</Empty>
					: <SortedTable columns={columns} rows={list} keyOf={(d) => d.chain} start="region" />}</Panel>
			)}</Shown>
		</div>
	);
}
