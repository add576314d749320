// pages/state.tsx - the line at the top, opened: what is, why, and what to do.
import type { JSX } from 'preact';
import { dateTime, span } from '../format.ts';
import { Badge, Notice, PageHead, Panel } from '../parts/index.ts';
import { useSession } from '../session.ts';
import { toneOf } from '../shell.tsx';
import { said, words } from '../text/index.ts';

export default function StatePage(): JSX.Element {
	const { status, away } = useSession();
	if (status === null) return <p class="loading">{words.common.loading}</p>;
	const w = words.state;
	return (
		<div class="stack">
			<PageHead title={w.reasons} />
			{away !== null && (
				<Notice tone="bad">
					<p>{words.problem.unreachable}</p>
				</Notice>
			)}
			<Notice {...toneOf(status.line.code)} title={said(status.line)}>
				{status.reasons.length === 0 && <p>{w.nothing}</p>}
				{status.reasons.map((reason) => (
					<p key={reason.code}>{said(reason)}</p>
				))}
			</Notice>
			<div class="columns">
				<Panel title={w.details}>
					<dl class="facts">
						<dt>{w.lastContact}</dt>
						<dd>{status.last_contact === null ? w.never : dateTime(status.last_contact)}</dd>
						<dt>{w.lastReceipt}</dt>
						<dd>{status.last_receipt === null ? w.never : dateTime(status.last_receipt)}</dd>
						<dt>{w.waitingCount}</dt>
						<dd>{status.waiting}</dd>
						<dt>{w.sentCount}</dt>
						<dd>{status.sent}</dd>
						<dt>{w.receiptedCount}</dt>
						<dd>{status.receipted}</dd>
						<dt>{w.contested}</dt>
						<dd>
							{status.contested > 0 ? (
								<a href="/pilih">
									<Badge tone="wait">{w.contestedN(status.contested)}</Badge>
								</a>
							) : (
								0
							)}
						</dd>
						<dt>{w.clock}</dt>
						<dd>{status.clock_skew_ms === null ? w.never : span(status.clock_skew_ms)}</dd>
					</dl>
				</Panel>
			</div>
		</div>
	);
}
