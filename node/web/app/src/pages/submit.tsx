// pages/submit.tsx - what a region submits: is it complete, seal a version, and what became of each version.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { api, type FieldError, type Problem, type Values } from '../api.ts';
import { dateTimeBoth, when } from '../format.ts';
import { useSubmissions, type Submission } from '../hub.ts';
import { Badge, Button, Empty, LinkButton, Notice, PageHead, Panel, problemText, Shown } from '../parts/index.ts';
import { useReference, type Reference } from '../reference.ts';
import { link } from '../router.ts';
import { scope } from '../session.ts';
import { useRead, useRows, useView } from '../store.ts';
import { said, words } from '../text/index.ts';
import { TONE } from './hub_submissions.tsx';

interface Said { message_id: string; message_en: string; object_kind?: string; object_id?: string }
interface Check { complete: boolean; missing: Said[]; warnings: Said[] }

// What a version's journey has come to.
export function Progress({ one }: { one: Submission }): JSX.Element {
	if (one.received_at != null)
		return <Badge tone={TONE[one.timeliness ?? 'on_time'] ?? 'good'}>{words.state.receipted} · {words.hub.timeliness[one.timeliness ?? 'on_time']}</Badge>;
	return one.sent === 'unsent' ? <Badge tone="wait">{words.state.unsent}</Badge> : <Badge tone="note">{words.state.sent}</Badge>;
}

function Versions({ list }: { list: Submission[] }): JSX.Element {
	return (
		<>{[...list].sort((a, b) => b.version - a.version).map((one) => (
			<div class="version-line" key={one.id}>
				<strong>{words.submit.version(one.version)}</strong>
				<span class="small soft grow">{when(one.sealed_at)} · {words.submit.sealedBy(one.sealed_by)}
					{one.received_at == null && <><br />{one.sent === 'unsent' ? words.submit.notSent : words.submit.atHub}</>}</span>
				<Progress one={one} />
				<LinkButton small icon="receipt" to={link('tanda-terima', one.id)}>{words.submit.receipt}</LinkButton>
			</div>
		))}</>
	);
}

function Book({ template, book, due, list }: { template: Values; book: Values; due: Values | undefined; list: Submission[] }): JSX.Element {
	const code = String(template['code']), next = Math.max(0, ...list.map((one) => one.version)) + 1;
	const check = useRead(`check/${code}`, ['book_section_text', 'tows_strategy', 'tows_strategy_factor', 'programme', 'quick_win', 'qw_milestone', 'status_event', 'decision'],
		() => api.get<Check>(`/submissions/check?object=book&code=${encodeURIComponent(code)}`));
	const [busy, setBusy] = useState(false), [problem, setProblem] = useState<Problem | null>(null);
	const seal = async (): Promise<void> => {
		setBusy(true);
		setProblem(null);
		try {
			await api.send('POST', '/submissions', { object: 'book', code });
		} catch (e) {
			setProblem(e as Problem);
		}
		setBusy(false);
	};
	return (
		<Panel title={String(template['title_id'])} actions={due === undefined ? undefined : <span class="small soft">{words.submit.due(dateTimeBoth(String(due['due_ts'])))}</span>}>
			<Shown read={check}>{(found) => (
				<div class="stack tight">
					<div><Badge tone={found.complete ? 'good' : 'wait'}>{found.complete ? words.submit.ready : words.submit.incomplete(found.missing.length)}</Badge></div>
					{found.missing.length > 0 && <ul class="missing-list small">{found.missing.map((one) => <li key={one.message_id}>{said({ id: one.message_id, en: one.message_en })}</li>)}</ul>}
					{found.warnings.length > 0 && <Notice tone="wait" title={words.submit.warnings}><ul class="small">{found.warnings.map((one) => <li key={one.message_id}>{said({ id: one.message_id, en: one.message_en })}</li>)}</ul></Notice>}
					{problem !== null && <Notice tone="bad"><p>{problemText(problem)}</p><ul>{problem.errors.map((one: FieldError) => <li key={one.id}>{said(one)}</li>)}</ul></Notice>}
					<div class="button-row no-print">
						<Button kind="main" icon="send" disabled={!found.complete} busy={busy && words.submit.sealing} onClick={() => void seal()}>{words.submit.seal(next)}</Button>
						<LinkButton to={link('buku', String(book['book_no']))} icon="book">{words.submit.openBook}</LinkButton>
						<span class="small soft">{words.submit.sealHelp}</span>
					</div>
				</div>
			)}</Shown>
			{list.length === 0 ? <p class="small soft version-line">{words.submit.noVersion}</p> : <Versions list={list} />}
		</Panel>
	);
}

function Books({ reference }: { reference: Reference }): JSX.Element {
	const templates = useRows('book_template', { set_id: String(reference.cohort?.['book_set_id'] ?? '') });
	const books = useRows('book', { scope: scope() }), submissions = useSubmissions();
	const deadlines = useView('region_deadline', ['deadline', 'cohort_region'], { scope: scope() });
	return (
		<Shown read={templates}>{(rows) => (
			<Shown read={submissions}>{(sealed) => (
				<Shown read={books}>{(open) => (open.length === 0 ? <Panel><Empty icon="book" title={words.submit.nothing}>{words.submit.nothingText}</Empty></Panel> : (
					<>{rows.map(({ values: template }) => {
						const book = open.find((row) => row.values['book_no'] === template['book_no'])?.values;
						return book === undefined ? null : (
							<Book key={String(template['code'])} template={template} book={book} list={sealed.filter((one) => one.object === 'book' && one.code === template['code'])}
								due={deadlines.value?.find((one) => one['object'] === 'book' && one['object_code'] === template['code'])} />
						);
					})}</>
				))}</Shown>
			)}</Shown>
		)}</Shown>
	);
}

export default function SubmitPage(): JSX.Element {
	const reference = useReference();
	return (
		<div class="stack">
			<PageHead title={words.submit.title} intro={words.submit.intro} />
			{reference === undefined ? <p class="loading" role="status">{words.common.loading}</p> : <Books reference={reference} />}
		</div>
	);
}
