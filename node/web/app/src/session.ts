// session.ts - who works here, what the workspace looks like to them, and news from the node.
import { useEffect, useState } from 'preact/hooks';
import { api, onSignedOut, Problem, type Meta, type Session, type Status, type Table } from './api.ts';
import { changed, forgetAll } from './store.ts';
import { resume } from './save.ts';
import { setLanguage } from './text/index.ts';

export interface State {
	phase: 'opening' | 'away' | 'setup' | 'login' | 'in';
	session: Session | null; meta: Meta | null; status: Status | null; away: number | null; problem: Problem | null;
}

let state: State = { phase: 'opening', session: null, meta: null, status: null, away: null, problem: null };
const listeners = new Set<() => void>();
let watch: AbortController | null = null;

function set(changes: Partial<State>): void {
	state = { ...state, ...changes };
	for (const listener of [...listeners])
		listener();
}

export function useSession(): State {
	const [, redraw] = useState(0);
	useEffect(() => {
		const listener = (): void => redraw((n) => n + 1);
		listeners.add(listener);
		return () => void listeners.delete(listener);
	}, []);
	return state;
}

export const meta = (): Meta => state.meta!;
export const tableOf = (name: string): Table | undefined => state.meta?.tables.find((table) => table.name === name);
export const scope = (): string => state.meta?.scope ?? '';
export const userName = (): string => state.session?.user?.name ?? '';

export function mayWrite(table: string, orgId?: string | null): boolean {
	const found = tableOf(table);
	if (found === undefined || found.write === 'none')
		return false;
	return found.write === 'all' || orgId === undefined || orgId === state.session?.user?.org_id;
}

export async function enter(session: Session): Promise<void> {
	watch?.abort();
	if (session.user === null) {
		set({ session, meta: null, phase: session.setup ? 'setup' : 'login' });
		return;
	}
	setLanguage(session.user.language);
	const [meta, status] = await Promise.all([api.meta(), api.status()]);
	forgetAll();
	resume(session.user.id);
	set({ session, meta, status, phase: 'in', away: null });
	watch = new AbortController();
	void follow(watch.signal);
}

export async function open(): Promise<void> {
	try {
		await enter(await api.session());
	} catch (e) {
		set({ phase: 'away', problem: e instanceof Problem ? e : null });
		setTimeout(() => void open(), 3000);
	}
}

export async function leave(): Promise<void> {
	await api.logout();
	await open();
}

const wait = (ms: number): Promise<void> => new Promise((done) => { setTimeout(done, ms); });

// News of the node, one long question after another; where it does not answer, since when.
async function follow(signal: AbortSignal): Promise<void> {
	let cursor: string | null = null;
	while (!signal.aborted)
		try {
			const news = await api.events(cursor, signal);
			const missed = state.away !== null;
			cursor = news.cursor;
			if (missed)
				forgetAll();
			else if (news.tables.length > 0)
				changed(news.tables);
			if (news.status || missed || news.tables.length > 0)
				set({ status: await api.status(), away: null });
		} catch (e) {
			if (signal.aborted || (e instanceof Problem && e.status === 401))
				return;
			if (state.away === null)
				set({ away: Date.now() });
			await wait(2000);
		}
}

onSignedOut(() => {
	watch?.abort();
	if (state.phase === 'in')
		set({ phase: 'login', meta: null });
});
