// pages/home.tsx - the first page: what waits, what is due, who has not filled in.
import type { JSX } from 'preact';
import { PageHead } from '../parts/index.ts';
import { words } from '../text/index.ts';

export default function HomePage(): JSX.Element {
	return <PageHead title={words.nav.home} />;
}
