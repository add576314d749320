// pages/books.tsx - the books: an outline with a mark per chapter, the text, the tables from the worksheets, the preview.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Key, Row, Values } from '../api.ts';
import { date } from '../format.ts';
import {
	Badge,
	Bar,
	Button,
	Empty,
	History,
	Icon,
	LinkButton,
	Meanwhile,
	Notice,
	PageHead,
	Panel,
	SavedState,
	Threads,
	type IconName,
	type Tone,
} from '../parts/index.ts';
import { Area } from '../parts/index.ts';
import { regionName, useReference, type Reference } from '../reference.ts';
import { link } from '../router.ts';
import { save, unsavedOf, useSaving } from '../save.ts';
import { mayWrite, scope } from '../session.ts';
import { useRows } from '../store.ts';
import { words } from '../text/index.ts';
import { Generated, SOURCE } from './generated.tsx';
import type { PageProps } from './index.ts';

const PAUSE_MS = 1500;
type Mark = 'empty' | 'draft' | 'full' | 'live';
const MARKS: Record<Mark, { tone: Tone; icon: IconName }> = {
	empty: { tone: 'plain', icon: 'ring' },
	draft: { tone: 'wait', icon: 'edit' },
	full: { tone: 'good', icon: 'tick' },
	live: { tone: 'note', icon: 'table' },
};

interface Book {
	no: number;
	id: string;
	template: Values;
	sections: Values[];
	texts: Row[];
}

function useBooks(reference: Reference | undefined): Book[] | undefined {
	const templates = useRows('book_template'),
		sections = useRows('book_section'),
		texts = useRows('book_section_text', { scope: scope() });
	const set = reference?.cohort?.['book_set_id'];
	if (
		templates.value === undefined ||
		sections.value === undefined ||
		texts.value === undefined ||
		reference === undefined
	)
		return undefined;
	return templates.value
		.map((row) => row.values)
		.filter((one) => one['set_id'] === set)
		.sort((a, b) => Number(a['book_no']) - Number(b['book_no']))
		.map((template) => {
			const no = Number(template['book_no']),
				id = `${String(reference.cohort?.['id'])}/${scope()}/${no}`;
			return {
				no,
				id,
				template,
				texts: texts.value!.filter((row) => row.values['book_id'] === id),
				sections: sections
					.value!.map((row) => row.values)
					.filter((one) => one['set_id'] === set && one['book_no'] === no)
					.sort((a, b) => Number(a['ord']) - Number(b['ord'])),
			};
		});
}

const keyOf = (book: Book, section: Values): Key => [scope(), book.id, String(section['section_code'])];

function bodyOf(book: Book, section: Values): string {
	const row = book.texts.find((one) => one.values['section_code'] === section['section_code']);
	return String(
		unsavedOf('book_section_text', keyOf(book, section))?.values['body'] ?? row?.values['body'] ?? '',
	);
}

function markOf(book: Book, section: Values): Mark {
	const length = bodyOf(book, section).trim().length;
	if (section['source'] === 'generated') return 'live';
	return length === 0 ? 'empty' : length < Number(section['min_chars'] ?? 1) ? 'draft' : 'full';
}

export default function BooksPage({ parts }: PageProps): JSX.Element {
	useSaving();
	const reference = useReference(),
		books = useBooks(reference);
	if (reference === undefined || books === undefined) return <p class="loading">{words.common.loading}</p>;
	const book = books.find((one) => String(one.no) === parts[0]);
	if (book === undefined) return <List books={books} />;
	if (parts[1] === 'pratinjau') return <Preview reference={reference} book={book} />;
	const section = book.sections.find((one) => one['section_code'] === parts[1]) ?? book.sections[0];
	return (
		<div class="stack">
			<PageHead
				title={String(book.template['title_id'])}
				back={{ to: '/buku', label: words.nav.books }}
				actions={
					<>
						<LinkButton to={link('buku', book.no, 'pratinjau')} icon="print">
							{words.books.preview}
						</LinkButton>
					</>
				}
			/>
			<div class="book">
				<Outline book={book} now={section} />
				{section === undefined ? (
					<Empty icon="book" title={words.books.noSections} />
				) : (
					<Section
						key={`${book.no}/${String(section['section_code'])}`}
						reference={reference}
						book={book}
						section={section}
					/>
				)}
			</div>
		</div>
	);
}

function List({ books }: { books: Book[] }): JSX.Element {
	return (
		<div class="stack">
			<PageHead title={words.nav.books} intro={words.books.intro} />
			<div class="columns">
				{books.map((book) => {
					const written = book.sections.filter((one) => one['source'] !== 'generated'),
						full = written.filter((one) => markOf(book, one) === 'full').length;
					return (
						<Panel
							key={book.no}
							title={<a href={link('buku', book.no)}>{String(book.template['title_id'])}</a>}
						>
							<p class="small soft">
								{book.template['required'] === 1
									? words.books.required
									: words.books.optional}
							</p>
							<p>{words.books.done(full, written.length)}</p>
							<Bar
								percent={written.length === 0 ? 100 : (full / written.length) * 100}
								label={words.books.done(full, written.length)}
								tone={full === written.length ? 'good' : 'plain'}
							/>
						</Panel>
					);
				})}
			</div>
			{books.length === 0 && (
				<Empty icon="book" title={words.books.none}>
					{words.books.noneText}
				</Empty>
			)}
		</div>
	);
}

function Outline({ book, now }: { book: Book; now: Values | undefined }): JSX.Element {
	return (
		<nav class="outline no-print" aria-label={words.books.outline}>
			<ol>
				{book.sections.map((section) => {
					const code = String(section['section_code']),
						mark = markOf(book, section);
					return (
						<li key={code} class={code.includes('.') ? 'sub' : ''}>
							<a
								href={link('buku', book.no, code)}
								aria-current={section === now ? 'page' : undefined}
							>
								<span class="soft">{code}</span>
								<span class="grow">{String(section['title_id'])}</span>
								<span class={`mark ${MARKS[mark].tone}`} title={words.books.marks[mark]}>
									<Icon name={MARKS[mark].icon} size={15} />
									<span class="hidden">{words.books.marks[mark]}</span>
								</span>
							</a>
						</li>
					);
				})}
			</ol>
			<p class="tiny soft legend">
				{(['empty', 'draft', 'full', 'live'] as const).map((mark) => (
					<span key={mark}>
						<Icon name={MARKS[mark].icon} size={13} /> {words.books.marks[mark]}
					</span>
				))}
			</p>
		</nav>
	);
}

function Section({
	reference,
	book,
	section,
}: {
	reference: Reference;
	book: Book;
	section: Values;
}): JSX.Element {
	const code = String(section['section_code']),
		source = String(section['source']),
		generator = section['generator'] === null ? null : String(section['generator']);
	const mark = markOf(book, section);
	return (
		<div class="stack">
			<Panel
				title={`${code} ${String(section['title_id'])}`}
				actions={<Badge {...MARKS[mark]}>{words.books.marks[mark]}</Badge>}
			>
				{source !== 'generated' && <Writing book={book} section={section} />}
			</Panel>
			{generator !== null && (
				<Panel
					title={words.books.fromSheets}
					actions={
						SOURCE[generator] !== undefined && (
							<LinkButton small to={SOURCE[generator]!} icon="edit">
								{words.books.toSource}
							</LinkButton>
						)
					}
				>
					<Generated name={generator} reference={reference} />
				</Panel>
			)}
		</div>
	);
}

// Text that saves itself; two people may write in one chapter, their lines are merged.
function Writing({ book, section }: { book: Book; section: Values }): JSX.Element {
	const key = keyOf(book, section),
		row = book.texts.find((one) => one.values['section_code'] === section['section_code']) ?? null;
	const stored = bodyOf(book, section),
		name = `simpul.typing.${JSON.stringify(key)}`,
		unsaved = unsavedOf('book_section_text', key);
	const [text, setText] = useState(() => localStorage.getItem(name) ?? stored),
		[beside, setBeside] = useState<'threads' | 'history' | null>(null);
	const timer = useRef<ReturnType<typeof setTimeout>>(),
		known = useRef(stored),
		may = mayWrite('book_section_text');
	useEffect(() => {
		// what others wrote meanwhile comes in while nobody types here
		if (stored !== known.current && localStorage.getItem(name) === null) setText(stored);
		known.current = stored;
	}, [stored]);
	const put = (body: string): void => {
		clearTimeout(timer.current);
		localStorage.removeItem(name);
		if (body === known.current) return;
		known.current = body;
		if (row === null) {
			save(
				{ table: 'book', key: [scope(), book.id], fresh: true },
				{ scope: scope(), id: book.id, cohort_id: book.id.split('/')[0]!, book_no: book.no },
			);
			save(
				{ table: 'book_section_text', key, fresh: true },
				{ scope: scope(), book_id: book.id, section_code: section['section_code']!, body },
			);
		} else save({ table: 'book_section_text', key, seen: row.seen }, { body });
	};
	const change = (body: string): void => {
		setText(body);
		localStorage.setItem(name, body);
		clearTimeout(timer.current);
		timer.current = setTimeout(() => put(body), PAUSE_MS);
	};
	const latest = useRef(put);
	latest.current = put;
	useEffect(() => {
		// what was typed just before the page was left goes out now, or when it is opened again
		const flush = (): void => {
			const typed = localStorage.getItem(name);
			if (typed !== null && may) latest.current(typed);
		};
		flush();
		addEventListener('pagehide', flush);
		return () => {
			removeEventListener('pagehide', flush);
			flush();
		};
	}, [name]);
	const need = Number(section['min_chars'] ?? 0),
		length = text.trim().length;
	return (
		<div class="writing">
			{unsaved !== undefined && (
				<Meanwhile unsaved={unsaved} labels={() => String(section['title_id'])} />
			)}
			<Area
				class="chapter"
				value={text}
				change={change}
				done={put}
				rows={12}
				disabled={!may}
				aria-label={String(section['title_id'])}
				placeholder={words.books.begin}
				spellcheck={false}
			/>
			<div class="writing-foot">
				<SavedState row={row} unsaved={unsaved} table="book_section_text" keyOf={key} />
				<span class={length < need ? 'small' : 'small soft'}>
					{length < need ? words.books.needs(length, need) : words.books.characters(length)}
				</span>
				<span class="grow" />
				<Button
					small
					kind="quiet"
					icon="comment"
					aria-expanded={beside === 'threads'}
					onClick={() => setBeside(beside === 'threads' ? null : 'threads')}
				>
					{words.nav.reviews}
				</Button>
				<Button
					small
					kind="quiet"
					icon="history"
					aria-expanded={beside === 'history'}
					onClick={() => setBeside(beside === 'history' ? null : 'history')}
				>
					{words.history.title}
				</Button>
			</div>
			{beside === 'threads' && (
				<Threads
					target={{
						kind: 'book_section_text',
						id: `${book.no}/${String(section['section_code'])}`,
						field: 'body',
						text,
					}}
					currentOf={() => text}
				/>
			)}
			{beside === 'history' && (
				<History
					table="book_section_text"
					keyOf={key}
					column={{ name: 'body', label: String(section['title_id']) }}
				/>
			)}
		</div>
	);
}

// Empty lines part paragraphs; lines that begin with a dash are a list.
export function Prose({ text }: { text: string }): JSX.Element {
	return (
		<>
			{text
				.trim()
				.split(/\n\s*\n/)
				.filter((part) => part.trim() !== '')
				.map((part, i) =>
					/^[-•]\s/.test(part.trim()) ? (
						<ul key={i}>
							{part
								.trim()
								.split('\n')
								.map((line, j) => (
									<li key={j}>{line.replace(/^[-•]\s*/, '')}</li>
								))}
						</ul>
					) : (
						<p key={i}>{part}</p>
					),
				)}
		</>
	);
}

function Preview({ reference, book }: { reference: Reference; book: Book }): JSX.Element {
	const missing = book.sections.filter(
		(section) => section['required'] === 1 && ['empty', 'draft'].includes(markOf(book, section)),
	);
	return (
		<div class="preview">
			<div class="no-print stack">
				<PageHead
					title={words.books.preview}
					back={{ to: link('buku', book.no), label: String(book.template['title_id']) }}
					actions={
						<Button kind="main" icon="print" onClick={() => window.print()}>
							{words.common.print}
						</Button>
					}
				/>
				{missing.length > 0 && (
					<Notice tone="wait" title={words.books.incomplete(missing.length)}>
						<p>
							{missing
								.map((one) => `${String(one['section_code'])} ${String(one['title_id'])}`)
								.join(', ')}
						</p>
					</Notice>
				)}
			</div>
			<article class="paper">
				<header class="cover">
					<p>{regionName(reference.region)}</p>
					<h1>{String(book.template['title_id'])}</h1>
					<p>{String(reference.cohort?.['name'] ?? '')}</p>
					<p class="soft">{date(new Date(Date.now() + 7 * 3600e3).toISOString(), true)}</p>
				</header>
				<nav class="contents">
					<h2>{words.books.contents}</h2>
					<ol>
						{book.sections.map((one) => (
							<li key={String(one['section_code'])}>
								{String(one['section_code'])} {String(one['title_id'])}
							</li>
						))}
					</ol>
				</nav>
				{book.sections.map((section) => (
					<section key={String(section['section_code'])}>
						<h2>
							{String(section['section_code'])} {String(section['title_id'])}
						</h2>
						{section['source'] !== 'generated' &&
							(bodyOf(book, section).trim() === '' ? (
								<p class="soft">({words.books.marks.empty})</p>
							) : (
								<Prose text={bodyOf(book, section)} />
							))}
						{section['generator'] !== null && (
							<Generated name={String(section['generator'])} reference={reference} />
						)}
					</section>
				))}
			</article>
		</div>
	);
}
