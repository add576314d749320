// main.tsx - where the app begins: the session decides between setup, login and the pages.
import { Component, render, type ComponentChildren, type JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Button, Notice } from './parts/index.ts';
import { LoginPage } from './pages/login.tsx';
import { SetupPage } from './pages/setup.tsx';
import { HUB_PAGES, PAGES, type Page } from './pages/index.ts';
import { startRouter, usePlace } from './router.ts';
import { open, useSession } from './session.ts';
import { MenuPage, Shell } from './shell.tsx';
import { language, words } from './text/index.ts';
import './style/tokens.css';
import './style/parts.css';
import './style/shell.css';
import './style/grid.css';
import './style/pages.css';
import './style/hub.css';

// A fault in one page leaves the rest of the app standing.
class Fence extends Component<{ children: ComponentChildren }, { fault: Error | null }> {
	override state: { fault: Error | null } = { fault: null };
	override componentDidCatch(fault: Error): void {
		console.error(fault);
		this.setState({ fault });
	}
	override render(): ComponentChildren {
		return this.state.fault === null ? this.props.children : (
			<Notice tone="bad" title={words.problem.fault}>
				<p class="small mono">{String(this.state.fault)}</p>
				<Button small onClick={() => location.reload()}>{words.problem.reload}</Button>
			</Notice>
		);
	}
}

const loaded = new Map<string, Page>();

function Opened({ name, parts, query }: { name: string; parts: string[]; query: URLSearchParams }): JSX.Element {
	const [, redraw] = useState(0), [failed, fail] = useState(false);
	const { meta } = useSession(), load = (meta?.hub === true ? HUB_PAGES : PAGES)[name], Found = loaded.get(name);
	const fetchPage = (): void => {
		fail(false);
		void load?.().then((page) => { loaded.set(name, page.default); redraw((n) => n + 1); }, () => fail(true));
	};
	useEffect(() => {
		if (Found === undefined)
			fetchPage();
	}, [name]);
	if (load === undefined)
		return <Notice tone="wait" title={words.problem.notFound}><p><a href="/">{words.problem.toHome}</a></p></Notice>;
	if (failed)
		return <Notice tone="bad" title={words.problem.unreachable}><Button small onClick={fetchPage}>{words.common.retry}</Button></Notice>;
	return Found === undefined ? <p class="loading" role="status">{words.common.loading}</p> : <Found parts={parts} query={query} />;
}

function App(): JSX.Element {
	const state = useSession(), place = usePlace();
	useEffect(() => {
		document.title = state.session === null ? 'Simpul' : `${state.session.node.name} · Simpul`;
	}, [state.session]);
	if (state.phase === 'away')
		return <p class="first-words" role="status">{words.problem.unreachable}</p>;
	if (state.phase === 'opening')
		return <p class="first-words" role="status">{words.common.loading}</p>;
	if (state.phase === 'setup' || (state.phase === 'login' && location.hash.startsWith('#mulai=')))
		return <SetupPage />;
	if (state.phase === 'login')
		return <LoginPage />;
	const [name = '', ...parts] = place.parts;
	return (
		<Shell key={language}>
			<Fence key={place.path}>
				{name === 'menu' ? <MenuPage /> : <Opened key={name} name={name} parts={parts} query={place.query} />}
			</Fence>
		</Shell>
	);
}

startRouter();
const root = document.getElementById('app')!;
root.textContent = '';
render(<App />, root);
void open();
