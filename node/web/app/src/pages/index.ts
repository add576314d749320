// pages/index.ts - which address is which page.  A page is a file here; it is fetched when it is first opened.
//
// To add one: a line in PAGES, and in `menu` if people go there from anywhere.
import type { ComponentType } from 'preact';
import type { IconName } from '../parts/index.ts';
import type { State } from '../session.ts';
import { words } from '../text/index.ts';

export interface PageProps { parts: string[]; query: URLSearchParams } // parts: the address behind the page's own word
export type Page = ComponentType<PageProps>;

export const PAGES: Record<string, () => Promise<{ default: Page }>> = {
	'': () => import('./home.tsx'),
	'kertas-kerja': () => import('./worksheets.tsx'),
	swot: () => import('./swot.tsx'),
	'peta-jalan': () => import('./roadmap.tsx'),
	'quick-win': () => import('./quickwins.tsx'),
	telaah: () => import('./reviews.tsx'),
	kewajiban: () => import('./obligations.tsx'),
	pilih: () => import('./choose.tsx'),
	buku: () => import('./books.tsx'),
	penyampaian: () => import('./submit.tsx'),
	'tanda-terima': () => import('./receipt.tsx'),
	akun: () => import('./accounts.tsx'),
	keadaan: () => import('./state.tsx'),
};

// At the centre: these instead, and what both have in common.
export const HUB_PAGES: typeof PAGES = {
	'': () => import('./hub_home.tsx'),
	daerah: () => import('./hub_region.tsx'),
	penyampaian: () => import('./hub_submissions.tsx'),
	'quick-win': () => import('./hub_ranking.tsx'),
	perangkat: () => import('./hub_offices.tsx'),
	'tanda-terima': () => import('./receipt.tsx'),
	akun: () => import('./accounts.tsx'),
	keadaan: () => import('./state.tsx'),
};

export interface MenuItem { to: string; icon: IconName; label: string; first?: boolean; foot?: boolean }

export function menu(state: State): MenuItem[] {
	const nav = words.nav;
	if (state.meta?.hub === true)
		return [
			{ to: '/', icon: 'board', label: words.hub.title, foot: true },
			{ to: '/penyampaian', icon: 'receipt', label: words.hub.submissions, foot: true },
			{ to: '/quick-win', icon: 'star', label: nav.quickWins, foot: true },
			{ to: '/perangkat', icon: 'shield', label: words.hub.offices },
			{ to: '/keadaan', icon: 'info', label: nav.status },
		];
	return [
		{ to: '/', icon: 'home', label: nav.home, foot: true },
		{ to: '/kertas-kerja', icon: 'sheet', label: nav.worksheets, foot: true },
		{ to: '/swot', icon: 'board', label: nav.swot },
		{ to: '/peta-jalan', icon: 'road', label: nav.roadmap },
		{ to: '/quick-win', icon: 'star', label: nav.quickWins, foot: true },
		{ to: '/buku', icon: 'book', label: nav.books },
		{ to: '/pilih', icon: 'split', label: nav.choose, first: true },
		{ to: '/telaah', icon: 'comment', label: nav.reviews },
		{ to: '/kewajiban', icon: 'list', label: nav.obligations },
		{ to: '/penyampaian', icon: 'receipt', label: words.submit.title },
		{ to: '/keadaan', icon: 'info', label: nav.status },
	];
}
