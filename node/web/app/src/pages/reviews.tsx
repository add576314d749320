// pages/reviews.tsx - all remarks of a region: what is open, what was followed up, and where each belongs.
import type { JSX } from 'preact';
import { NoThreads, PageHead, Tabs, Thread, useThreads } from '../parts/index.ts';
import { goQuery, link } from '../router.ts';
import { useSaving } from '../save.ts';
import { scope, tableOf } from '../session.ts';
import { useRows } from '../store.ts';
import { said, words } from '../text/index.ts';
import type { PageProps } from './index.ts';

const RANK: Record<string, number> = { wajib: 0, disarankan: 1, catatan: 2 };

export default function ReviewsPage({ query }: PageProps): JSX.Element {
	useSaving();
	const { threads, comments, closed } = useThreads({}),
		quickWins = useRows('quick_win', { scope: scope() });
	const tab = query.get('yang') === 'selesai' ? 'done' : 'open';
	const list = threads
		.filter((thread) => closed.has(String(thread['id'])) === (tab === 'done'))
		.sort(
			(a, b) =>
				RANK[String(a['severity'])]! - RANK[String(b['severity'])]! ||
				String(b['opened_ts']).localeCompare(String(a['opened_ts'])),
		);
	const place = (kind: unknown, id: unknown): { to: string; name: string } =>
		kind === 'quick_win'
			? {
					to: link('quick-win', String(id)),
					name: String(
						quickWins.value?.find((row) => row.values['id'] === id)?.values['name'] ?? id,
					),
				}
			: kind === 'book_section_text'
				? { to: `/buku/${String(id)}`, name: said(tableOf(String(kind))?.label) }
				: { to: '/kertas-kerja', name: said(tableOf(String(kind))?.label) };
	return (
		<div class="stack">
			<PageHead
				title={words.nav.reviews}
				intro={words.reviews.intro}
				actions={
					<Tabs
						label={words.common.filter}
						now={tab}
						choose={(to) => goQuery({ yang: to === 'done' ? 'selesai' : null })}
						tabs={[
							{ name: 'open', label: words.reviews.open, count: threads.length - closed.size },
							{ name: 'done', label: words.reviews.done, count: closed.size },
						]}
					/>
				}
			/>
			{list.length === 0 && <NoThreads />}
			<div class="review-list">
				{list.map((thread) => {
					const where = place(thread['target_kind'], thread['target_id']);
					return (
						<Thread
							key={String(thread['id'])}
							thread={thread}
							comments={comments.filter((one) => one['thread_id'] === thread['id'])}
							closed={tab === 'done'}
							label={
								(words.quickWin.fields as Record<string, string>)[
									String(thread['target_field'])
								]
							}
							link={
								<a class="small" href={where.to}>
									{where.name}
								</a>
							}
						/>
					);
				})}
			</div>
		</div>
	);
}
