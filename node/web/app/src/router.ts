// router.ts - paths of the browser's history: /isu is a page, reload and back work, every place has an address.
import { useEffect, useState } from 'preact/hooks';

export interface Place {
	path: string;
	parts: string[];
	query: URLSearchParams;
}

const listeners = new Set<() => void>();
const scrolls = new Map<string, number>(); // entry of the history: how far down it was
let entry = String((history.state as { entry?: string } | null)?.entry ?? 'first');

function place(): Place {
	const parts = location.pathname
		.split('/')
		.filter((part) => part !== '')
		.map(decodeURIComponent);
	return { path: location.pathname, parts, query: new URLSearchParams(location.search) };
}

function tell(): void {
	for (const listener of listeners) listener();
}

export function link(...parts: (string | number)[]): string {
	return `/${parts.map((part) => encodeURIComponent(String(part))).join('/')}`;
}

export function go(to: string, replace = false): void {
	scrolls.set(entry, window.scrollY);
	if (!replace) entry = `${Date.now()}`;
	history[replace ? 'replaceState' : 'pushState']({ entry }, '', to);
	tell();
	if (!replace) window.scrollTo(0, 0);
}

// Changes the query alone; what is null goes away.
export function goQuery(changes: Record<string, string | null>, replace = true): void {
	const query = new URLSearchParams(location.search);
	for (const [name, value] of Object.entries(changes))
		if (value === null) query.delete(name);
		else query.set(name, value);
	const text = query.toString();
	go(location.pathname + (text === '' ? '' : `?${text}`), replace);
}

export function usePlace(): Place {
	const [now, set] = useState(place);
	useEffect(() => {
		const listener = (): void => set(place());
		listeners.add(listener);
		return () => void listeners.delete(listener);
	}, []);
	return now;
}

function ours(event: MouseEvent): HTMLAnchorElement | null {
	if (
		event.defaultPrevented ||
		event.button !== 0 ||
		event.metaKey ||
		event.ctrlKey ||
		event.shiftKey ||
		event.altKey
	)
		return null;
	const anchor = (event.target as Element).closest('a');
	if (
		anchor === null ||
		anchor.target !== '' ||
		anchor.hasAttribute('download') ||
		anchor.origin !== location.origin
	)
		return null;
	return anchor.pathname.startsWith('/api/') ||
		(anchor.hash !== '' && anchor.pathname === location.pathname)
		? null
		: anchor;
}

export function startRouter(): void {
	history.scrollRestoration = 'manual';
	document.addEventListener('click', (event) => {
		const anchor = ours(event);
		if (anchor === null) return;
		event.preventDefault();
		go(anchor.pathname + anchor.search);
	});
	window.addEventListener('popstate', (event) => {
		scrolls.set(entry, window.scrollY);
		entry = String((event.state as { entry?: string } | null)?.entry ?? 'first');
		tell();
		const to = scrolls.get(entry) ?? 0;
		requestAnimationFrame(() => requestAnimationFrame(() => window.scrollTo(0, to)));
	});
}
