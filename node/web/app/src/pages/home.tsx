// pages/home.tsx - the first page: what waits for you, what is due, who has not filled in.
import type { JSX } from 'preact';
import type { Values } from '../api.ts';
import { dateTimeBoth, span } from '../format.ts';
import { Badge, Empty, Icon, LinkButton, Panel, type IconName, type Tone } from '../parts/index.ts';
import { orgName, useReference, type Reference } from '../reference.ts';
import { link } from '../router.ts';
import { retryNow, unsavedList, useSaving } from '../save.ts';
import { scope, useSession } from '../session.ts';
import { useRows, useView } from '../store.ts';
import { words } from '../text/index.ts';
import { toneOf } from '../shell.tsx';
import { Matrix, useFilled } from './matrix.tsx';
import { KINDS } from '../sheets.ts';
import { titleOf } from './worksheets.tsx';

export default function HomePage(): JSX.Element {
	const reference = useReference();
	return reference === undefined ? (
		<p class="loading">{words.common.loading}</p>
	) : (
		<Home reference={reference} />
	);
}

function Home({ reference }: { reference: Reference }): JSX.Element {
	const { session } = useSession();
	return (
		<div class="stack">
			<h1>{words.home.hello(session?.user?.name ?? '')}</h1>
			<Counts />
			<div class="home-columns">
				<Mine reference={reference} />
				<Deadlines reference={reference} />
			</div>
			<Matrix reference={reference} />
		</div>
	);
}

function Count({
	to,
	icon,
	tone,
	n,
	label,
	text,
}: {
	to: string;
	icon: IconName;
	tone: Tone;
	n: number;
	label: string;
	text: string;
}): JSX.Element {
	return (
		<a class={`count-card ${n === 0 ? 'plain' : tone}`} href={to}>
			<Icon name={icon} size={22} />
			<b>{n}</b>
			<span>
				<strong>{label}</strong>
				<br />
				<span class="small">{text}</span>
			</span>
		</a>
	);
}

function Counts(): JSX.Element {
	useSaving();
	const { status } = useSession(),
		obligations = useView('obligation', ['decision'], { scope: scope() });
	const threads = useRows('review_thread', { scope: scope() }),
		states = useView('object_state', ['status_event'], { object_kind: 'review_thread' });
	const done = new Set(
		(states.value ?? []).filter((one) => one['state'] === 'resolved').map((one) => one['object_id']),
	);
	const open = (threads.value ?? []).filter((row) => !done.has(row.values['id'] ?? null)).length;
	const owed = (obligations.value ?? []).filter((one) => one['decision_id'] === null).length,
		unsaved = unsavedList().length;
	const waiting = status?.waiting ?? 0,
		contested = status?.contested ?? 0;
	return (
		<div class="counts">
			{unsaved > 0 && (
				<button type="button" class="count-card bad" onClick={retryNow}>
					<Icon name="warn" size={22} />
					<b>{unsaved}</b>
					<span>
						<strong>{words.home.unsaved}</strong>
						<br />
						<span class="small">{words.home.unsavedText}</span>
					</span>
				</button>
			)}
			<Count
				to="/keadaan"
				icon={toneOf(status?.line.code ?? '').icon}
				tone="wait"
				n={waiting}
				label={words.state.unsent}
				text={waiting === 0 ? words.home.allSent : words.home.waits}
			/>
			<Count
				to="/pilih"
				icon="split"
				tone="wait"
				n={contested}
				label={words.state.contested}
				text={contested === 0 ? words.home.noConflicts : words.home.conflicts}
			/>
			<Count
				to="/telaah"
				icon="comment"
				tone="note"
				n={open}
				label={words.home.reviews}
				text={open === 0 ? words.home.noReviews : words.home.reviewsText}
			/>
			<Count
				to="/kewajiban"
				icon="list"
				tone="wait"
				n={owed}
				label={words.nav.obligations}
				text={owed === 0 ? words.home.allMet : words.home.owed}
			/>
		</div>
	);
}

// The sheets that this person's unit is asked for.
function Mine({ reference }: { reference: Reference }): JSX.Element {
	const { session } = useSession(),
		filled = useFilled(reference),
		unit = session?.user?.org_id;
	const states = useView('object_state', ['status_event'], { object_kind: 'worksheet' });
	const mine = reference.templates.filter(
		(one) =>
			Number(one['stage_no']) <= (reference.stageNo ?? 9) && KINDS[String(one['kind'])] !== undefined,
	);
	const stateOf = (template: Values): string | undefined =>
		states.value?.find((one) =>
			String(one['object_id']).endsWith(`/${String(template['code'])}/${unit}/--`),
		)?.['state'] as string | undefined;
	return (
		<Panel title={unit == null ? words.home.sheets : words.home.mine(orgName(reference, unit, true))}>
			<ul class="task-list">
				{mine.map((template) => {
					const kind = KINDS[String(template['kind'])]!,
						n = filled(String(template['kind']), kind.perUnit ? (unit ?? null) : null),
						state = stateOf(template);
					const to =
						kind.page === '/swot'
							? link('swot', unit ?? '')
							: (kind.page ??
								link(
									'kertas-kerja',
									String(template['code']),
									...(kind.perUnit && unit ? [unit] : []),
								));
					return (
						<li key={String(template['code'])}>
							<a href={to}>{titleOf(template)}</a>
							{state === 'submitted' || state === 'accepted' ? (
								<Badge tone="good">{words.sheets.states.submitted}</Badge>
							) : n === 0 ? (
								<Badge tone="plain" icon="edit">
									{words.home.notBegun}
								</Badge>
							) : (
								<Badge tone="note" icon="edit">
									{words.home.draft(n)}
								</Badge>
							)}
						</li>
					);
				})}
			</ul>
		</Panel>
	);
}

function Deadlines({ reference }: { reference: Reference }): JSX.Element {
	const deadlines = useRows('deadline', { cohort_id: String(reference.cohort?.['id'] ?? '') }),
		now = Date.now();
	const mine = (deadlines.value ?? [])
		.map((row) => row.values)
		.filter((one) => one['region_code'] === null || one['region_code'] === scope());
	const list = mine
		.filter(
			(one) =>
				!mine.some(
					(other) =>
						other !== one &&
						other['region_code'] !== null &&
						other['object'] === one['object'] &&
						other['object_code'] === one['object_code'],
				),
		)
		.sort((a, b) => String(a['due_ts']).localeCompare(String(b['due_ts'])));
	return (
		<Panel
			title={words.home.deadlines}
			actions={
				<LinkButton small to="/buku" icon="book">
					{words.nav.books}
				</LinkButton>
			}
		>
			{list.length === 0 && (
				<Empty icon="clock" title={words.home.noDeadlines}>
					{words.home.noDeadlinesText}
				</Empty>
			)}
			<ul class="deadlines">
				{list.map((one) => {
					const due = Date.parse(String(one['due_ts'])),
						left = due - now,
						grace = due + Number(one['grace_hours']) * 3600e3 - now;
					const tone: Tone = left > 7 * 86400e3 ? 'plain' : left > 0 ? 'wait' : 'bad';
					return (
						<li key={String(one['id'])}>
							<div class="grow">
								<strong>
									{words.home.object[one['object'] as 'book']} {String(one['object_code'])}
								</strong>
								<div class="small soft">{dateTimeBoth(String(one['due_ts']))}</div>
								{one['region_code'] !== null && (
									<div class="small">
										{words.home.extended}: {String(one['reason'] ?? '')}
									</div>
								)}
							</div>
							<Badge tone={tone}>
								{left > 0
									? words.home.left(span(left))
									: grace > 0
										? words.home.grace(span(grace))
										: words.home.late(span(left))}
							</Badge>
						</li>
					);
				})}
			</ul>
		</Panel>
	);
}
