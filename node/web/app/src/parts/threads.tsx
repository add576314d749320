// parts/threads.tsx - remarks of experts beside what they are about, answers, and whether they were followed up.
//
// A remark carries the text as it was; where the text is another now, both are shown.  What was said stays: threads
// and comments are only added to, and "followed up" is a step of the thread's state.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { newId, type Row, type Values } from '../api.ts';
import { when } from '../format.ts';
import { save } from '../save.ts';
import { mayWrite, scope, userName } from '../session.ts';
import { useRows, useView } from '../store.ts';
import { words } from '../text/index.ts';
import { Badge, Button, Empty } from './basics.tsx';
import { Area, Select } from './fields.tsx';
import { Diff } from './diff.tsx';

const TONE = { wajib: 'bad', disarankan: 'wait', catatan: 'plain' } as const;
const now = (): string => new Date().toISOString().replace(/\.\d+/, '');

export interface Target {
	kind: string;
	id: string;
	field?: string | undefined;
	fieldLabel?: string | undefined;
	text?: string | undefined;
}

export function useThreads(filter: { kind?: string; id?: string }): {
	threads: Values[];
	comments: Values[];
	closed: Set<string>;
} {
	const here = scope();
	const threads = useRows('review_thread', {
		scope: here,
		...(filter.id === undefined ? {} : { target_kind: filter.kind!, target_id: filter.id }),
	});
	const comments = useRows('review_comment', { scope: here });
	const states = useView('object_state', ['status_event'], { object_kind: 'review_thread' });
	return {
		threads: (threads.value ?? []).map((row: Row) => row.values),
		comments: (comments.value ?? []).map((row) => row.values),
		closed: new Set(
			(states.value ?? [])
				.filter((state) => state['state'] === 'resolved')
				.map((state) => String(state['object_id'])),
		),
	};
}

function add(table: string, values: Values): void {
	const id = newId();
	save({ table, key: [scope(), id], fresh: true }, { scope: scope(), id, ...values });
}

export function setThread(id: string, state: 'resolved' | 'reopened'): void {
	add('status_event', {
		object_kind: 'review_thread',
		object_id: id,
		to_state: state,
		actor: userName(),
		ts: now(),
	});
}

export function Threads({
	target,
	currentOf,
	labelOf,
}: {
	target: Target;
	currentOf?: (field: string) => string;
	labelOf?: (field: string) => string;
}): JSX.Element {
	const { threads, comments, closed } = useThreads({ kind: target.kind, id: target.id });
	const mine = threads
		.filter((thread) => target.field === undefined || thread['target_field'] === target.field)
		.sort(
			(a, b) =>
				Number(closed.has(String(a['id']))) - Number(closed.has(String(b['id']))) ||
				String(b['opened_ts']).localeCompare(String(a['opened_ts'])),
		);
	return (
		<div class="stack tight">
			{mine.length === 0 && <p class="small soft">{words.reviews.noneHere}</p>}
			{mine.map((thread) => (
				<Thread
					key={String(thread['id'])}
					thread={thread}
					comments={comments.filter((one) => one['thread_id'] === thread['id'])}
					closed={closed.has(String(thread['id']))}
					label={labelOf?.(String(thread['target_field'] ?? ''))}
					current={currentOf?.(String(thread['target_field'] ?? ''))}
				/>
			))}
			{mayWrite('review_thread') && <NewThread target={target} />}
		</div>
	);
}

export function Thread({
	thread,
	comments,
	closed,
	label,
	current,
	link,
}: {
	thread: Values;
	comments: Values[];
	closed: boolean;
	label?: string | undefined;
	current?: string | undefined;
	link?: JSX.Element;
}): JSX.Element {
	const [open, setOpen] = useState(!closed),
		[answer, setAnswer] = useState('');
	const id = String(thread['id']),
		severity = String(thread['severity']) as keyof typeof TONE;
	const sorted = [...comments].sort((a, b) =>
		String(a['created_ts']).localeCompare(String(b['created_ts'])),
	);
	const then = String(thread['target_text'] ?? ''),
		changed = current !== undefined && then !== '' && current !== then;
	const send = (): void => {
		add('review_comment', { thread_id: id, author: userName(), body: answer.trim(), created_ts: now() });
		setAnswer('');
	};
	return (
		<article class={`thread${closed ? ' closed' : ''}`}>
			<header>
				<Badge tone={closed ? 'good' : TONE[severity]} icon={closed ? 'tick' : 'comment'}>
					{closed ? words.reviews.resolved : words.reviews.severity[severity]}
				</Badge>
				<span class="tiny soft">
					{words.reviews.kind[thread['kind'] as 'saran']}
					{label ? ` · ${label}` : ''}
				</span>
				{link}
				{closed && (
					<button
						type="button"
						class="button quiet small"
						aria-expanded={open}
						onClick={() => setOpen(!open)}
					>
						{open ? words.common.less : words.common.more}
					</button>
				)}
			</header>
			{!open && <p class="small soft one-line">{String(sorted[0]?.['body'] ?? '')}</p>}
			{open && (
				<>
					{sorted.map((comment) => (
						<div class="comment" key={String(comment['id'])}>
							<div class="tiny soft">
								<b>{String(comment['author'])}</b> · {when(String(comment['created_ts']))}
							</div>
							<div class="pre">{String(comment['body'])}</div>
						</div>
					))}
					{changed && (
						<details class="small">
							<summary>{words.reviews.changedSince}</summary>
							<Diff before={then} after={current ?? ''} />
						</details>
					)}
					{mayWrite('review_comment') && (
						<div class="answer">
							<Area
								value={answer}
								change={setAnswer}
								rows={1}
								placeholder={words.reviews.answer}
								aria-label={words.reviews.answer}
							/>
							<div class="button-row">
								{answer.trim() !== '' && (
									<Button small kind="main" onClick={send}>
										{words.reviews.send}
									</Button>
								)}
								<Button
									small
									onClick={() => setThread(id, closed ? 'reopened' : 'resolved')}
									icon={closed ? 'undo' : 'check'}
								>
									{closed ? words.reviews.reopen : words.reviews.resolve}
								</Button>
							</div>
						</div>
					)}
				</>
			)}
		</article>
	);
}

function NewThread({ target }: { target: Target }): JSX.Element {
	const [open, setOpen] = useState(false),
		[body, setBody] = useState(''),
		[severity, setSeverity] = useState('disarankan'),
		[kind, setKind] = useState('saran');
	const send = (): void => {
		const id = newId();
		save(
			{ table: 'review_thread', key: [scope(), id], fresh: true },
			{
				scope: scope(),
				id,
				target_kind: target.kind,
				target_id: target.id,
				target_field: target.field ?? null,
				target_text: target.text ?? null,
				kind,
				severity,
				opened_by: userName(),
				opened_ts: now(),
			},
		);
		add('review_comment', { thread_id: id, author: userName(), body: body.trim(), created_ts: now() });
		setBody('');
		setOpen(false);
	};
	if (!open)
		return (
			<div>
				<Button small icon="comment" onClick={() => setOpen(true)}>
					{target.fieldLabel === undefined
						? words.reviews.add
						: words.reviews.addAt(target.fieldLabel)}
				</Button>
			</div>
		);
	return (
		<div class="thread answer">
			<Area
				value={body}
				change={setBody}
				rows={3}
				aria-label={words.reviews.body}
				placeholder={words.reviews.body}
			/>
			<div class="two">
				<Select
					value={kind}
					change={setKind}
					aria-label={words.reviews.kindLabel}
					options={Object.entries(words.reviews.kind).map(([value, label]) => ({ value, label }))}
				/>
				<Select
					value={severity}
					change={setSeverity}
					aria-label={words.reviews.severityLabel}
					options={Object.entries(words.reviews.severity).map(([value, label]) => ({
						value,
						label,
					}))}
				/>
			</div>
			<div class="button-row">
				<Button small kind="main" disabled={body.trim() === ''} onClick={send}>
					{words.reviews.send}
				</Button>
				<Button small onClick={() => setOpen(false)}>
					{words.common.cancel}
				</Button>
			</div>
		</div>
	);
}

export const NoThreads = (): JSX.Element => (
	<Empty icon="comment" title={words.reviews.noneTitle}>
		{words.reviews.noneText}
	</Empty>
);
