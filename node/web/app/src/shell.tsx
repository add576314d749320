// shell.tsx - what stands around each page: the line at the top, the menu, the bar at the foot of a phone.
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { api } from './api.ts';
import { clock, when } from './format.ts';
import { Icon, Logo, type IconName, type Tone } from './parts/index.ts';
import { regionName, useReference } from './reference.ts';
import { go, usePlace } from './router.ts';
import { unsavedList, useSaving } from './save.ts';
import { leave, useSession, type State } from './session.ts';
import { language, said, setLanguage, words } from './text/index.ts';
import { menu } from './pages/index.ts';

const TONES: [RegExp, Tone, IconName][] = [
	[/contest|choose|held|quarantine|violation|clock|damage|revoke|refus/, 'wait', 'warn'],
	[/offline|no-connection|unreachable|waiting|never|away/, 'wait', 'away'],
	[/connected|delivered|ok|receipt|synced|quiet/, 'good', 'tick'],
];

export function toneOf(code: string): { tone: Tone; icon: IconName } {
	const found = TONES.find(([pattern]) => pattern.test(code));
	return found === undefined ? { tone: 'note', icon: 'info' } : { tone: found[1], icon: found[2] };
}

function StateLine({ state }: { state: State }): JSX.Element {
	useSaving();
	const unsaved = unsavedList().filter((one) => one.problem?.passing === true).length;
	let { tone, icon } = toneOf(state.status?.line.code ?? '');
	let text = said(state.status?.line);
	if (state.away !== null) {
		[tone, icon] = ['bad', 'away'];
		text = words.state.away(clock(state.away));
	}
	if (unsaved > 0)
		text = `${words.state.unsavedN(unsaved)}${state.away === null ? ` · ${text}` : ''}`;
	return (
		<a class={`state-line ${tone}`} href="/keadaan" aria-live="polite" title={words.state.reasons}>
			<Icon name={icon} size={17} /><span>{text}</span><Icon name="right" size={14} />
		</a>
	);
}

function Where({ state }: { state: State }): JSX.Element {
	const reference = useReference();
	const here = reference?.region;
	if (state.meta?.hub === true)
		return <span class="where"><strong>{state.session?.node.name}</strong></span>;
	return (
		<span class="where">
			<strong>{here === undefined ? state.session?.node.name : regionName(here)}</strong>
			{state.meta?.scope != null && <span class="code"> · {state.meta.scope}</span>}
			{reference?.stageNo != null && <span class="stage">{words.stages[reference.stageNo]}</span>}
		</span>
	);
}

function Account({ state }: { state: State }): JSX.Element {
	const [open, setOpen] = useState(false);
	const other = language === 'id' ? 'en' : 'id';
	const change = async (): Promise<void> => {
		setLanguage(other);
		setOpen(false);
		go(location.pathname + location.search, true);
		await api.changeSession({ language: other }).catch(() => undefined);
	};
	return (
		<div class="account" onKeyDown={(e) => { if (e.key === 'Escape') setOpen(false); }}>
			<button type="button" class="button quiet" aria-expanded={open} aria-label={`${words.nav.account}: ${state.session?.user?.name ?? ''}`} onClick={() => setOpen(!open)}>
				<Icon name="user" /><span class="account-name">{state.session?.user?.name}</span>
			</button>
			{open && (
				<div class="account-menu">
					<p class="soft small">{state.session?.user?.name}<br />{roleName(state)}</p>
					<a href="/akun" onClick={() => setOpen(false)}>{words.nav.account}</a>
					<button type="button" lang={other} onClick={() => void change()}>{words.common.language}</button>
					<button type="button" onClick={() => void leave()}>{words.nav.logout}</button>
				</div>
			)}
		</div>
	);
}

function roleName(state: State): string {
	const role = state.meta?.roles.find((one) => one.name === state.session?.user?.role);
	return role === undefined ? '' : said(role.label);
}

function Item({ to, icon, label, count, path }: {
	to: string; icon: IconName; label: string; count?: number | undefined; path: string;
}): JSX.Element {
	const now = to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`);
	return (
		<a href={to} aria-current={now ? 'page' : undefined}>
			<Icon name={icon} size={19} /><span>{label}</span>{count !== undefined && count > 0 && <b class="count">{count}</b>}
		</a>
	);
}

export function Shell({ children }: { children: ComponentChildren }): JSX.Element {
	const state = useSession(), { path } = usePlace();
	const items = menu(state);
	const counts: Record<string, number | undefined> = { '/pilih': state.status?.contested };
	return (
		<div class="shell">
			<a class="skip" href="#isi">{words.common.skip}</a>
			<header class="top">
				<a class="brand" href="/" aria-label={`Simpul · ${words.nav.home}`}><Logo /><span>Simpul</span></a>
				<Where state={state} />
				<StateLine state={state} />
				<Account state={state} />
			</header>
			<nav class="side" aria-label={words.nav.main}>
				{items.map((item) => (
					<div key={item.to} class={item.first ? 'first' : ''}>
						<Item to={item.to} icon={item.icon} label={item.label} count={counts[item.to]} path={path} />
					</div>
				))}
				<p class="side-foot tiny soft">Simpul {state.session?.node.version}</p>
			</nav>
			<main id="isi" tabIndex={-1}>{children}</main>
			<nav class="foot" aria-label={words.nav.main}>
				{items.filter((item) => item.foot).slice(0, 3).map((item) => (
					<Item key={item.to} to={item.to} icon={item.icon} label={item.label} path={path} />
				))}
				<Item to="/menu" icon="menu" label={words.nav.more} path={path} count={state.status?.contested} />
			</nav>
		</div>
	);
}

// On a phone: the whole menu as a page.
export function MenuPage(): JSX.Element {
	const state = useSession(), { path } = usePlace();
	return (
		<div class="menu-page">
			<h1>{words.nav.more}</h1>
			{menu(state).map((item) => (
				<Item key={item.to} to={item.to} icon={item.icon} label={item.label} path={path}
					count={item.to === '/pilih' ? state.status?.contested : undefined} />
			))}
			<p class="soft small">{state.status?.last_receipt == null ? '' : `${words.state.lastReceipt}: ${when(state.status.last_receipt)}`}</p>
		</div>
	);
}
