// parts/attachments.tsx - photos and files of an object: seen, added, each saying whether it has arrived.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Problem, Row } from '../api.ts';
import { addDocument, linkDocument, smaller } from '../documents.ts';
import { bytes, percent, when } from '../format.ts';
import { removeRow, save } from '../save.ts';
import { mayWrite, scope } from '../session.ts';
import { changed, useRows } from '../store.ts';
import { words } from '../text/index.ts';
import { Button, problemText } from './basics.tsx';
import { Icon } from './icon.tsx';

export function Attachments({
	kind,
	id,
	documentKind = 'other',
}: {
	kind: string;
	id: string;
	documentKind?: string;
}): JSX.Element {
	const links = useRows('document_link', { scope: scope(), owner_kind: kind, owner_id: id }),
		ids = (links.value ?? []).map((row) => String(row.values['document_id']));
	const documents = useRows('document', {
		scope: scope(),
		'id.in': ids.length === 0 ? '-' : ids.join(','),
	});
	const may = mayWrite('document_link');
	return (
		<div class="stack tight">
			<ul class="files">
				{(documents.value ?? []).map((row) => (
					<One
						key={String(row.values['id'])}
						row={row}
						may={may}
						remove={() => {
							const link = links.value?.find(
								(one) => one.values['document_id'] === row.values['id'],
							);
							if (link !== undefined)
								removeRow({ table: 'document_link', key: link.key, seen: link.seen });
						}}
					/>
				))}
			</ul>
			{ids.length === 0 && <p class="small soft">{words.files.none}</p>}
			{may && <Add kind={kind} id={id} documentKind={documentKind} />}
		</div>
	);
}

function One({ row, may, remove }: { row: Row; may: boolean; remove: () => void }): JSX.Element {
	const { values } = row,
		address = `/api/files/${String(values['sha256'])}`,
		photo = /^image\//.test(String(values['media_type']));
	const [caption, setCaption] = useState(String(values['caption'] ?? ''));
	return (
		<li>
			{photo ? (
				<a href={address} target="_blank" rel="noreferrer">
					<img src={address} alt={String(values['caption'] ?? values['title'])} loading="lazy" />
				</a>
			) : (
				<Icon name="clip" size={22} />
			)}
			<div class="grow">
				<a href={address} target="_blank" rel="noreferrer">
					{String(values['file_name'])}
				</a>
				<div class="tiny soft">
					{bytes(Number(values['byte_size']))} · {String(values['added_by'])},{' '}
					{when(String(values['added_ts']))}
				</div>
				{may && photo && (
					<input
						value={caption}
						aria-label={words.files.caption}
						placeholder={words.files.caption}
						onInput={(e) => setCaption(e.currentTarget.value)}
						onBlur={() => {
							if (caption !== String(values['caption'] ?? ''))
								save(
									{ table: 'document', key: row.key, seen: row.seen },
									{ caption: caption === '' ? null : caption },
								);
						}}
					/>
				)}
			</div>
			{may && (
				<Button
					small
					kind="quiet"
					icon="close"
					aria-label={`${words.common.remove}: ${String(values['file_name'])}`}
					onClick={remove}
				/>
			)}
		</li>
	);
}

function Add({ kind, id, documentKind }: { kind: string; id: string; documentKind: string }): JSX.Element {
	const [busy, setBusy] = useState<string | null>(null),
		[problem, setProblem] = useState<Problem | Error | null>(null),
		[original, setOriginal] = useState(false);
	const pick = async (files: File[]): Promise<void> => {
		setProblem(null);
		try {
			for (const [at, picked] of files.entries()) {
				setBusy(words.files.adding(at + 1, files.length));
				const file = original ? picked : await smaller(picked);
				const made = await addDocument(
					file,
					/^image/.test(file.type) ? 'photo' : documentKind,
					picked.name,
					(done) =>
						setBusy(
							`${words.files.adding(at + 1, files.length)} ${percent((done / file.size) * 100)}`,
						),
				);
				await linkDocument(made, kind, id, null);
			}
		} catch (e) {
			setProblem(e as Error);
		}
		setBusy(null);
		changed(['document', 'document_link']);
	};
	return (
		<div class="button-row">
			<label class={`button small${busy === null ? '' : ' busy'}`}>
				<Icon name="plus" size={15} />
				{busy ?? words.files.add}
				<input
					type="file"
					class="hidden"
					multiple
					disabled={busy !== null}
					onChange={(e) => {
						void pick([...(e.currentTarget.files ?? [])]);
						e.currentTarget.value = '';
					}}
				/>
			</label>
			<label class="check small">
				<input
					type="checkbox"
					checked={original}
					onChange={(e) => setOriginal(e.currentTarget.checked)}
				/>
				<span>{words.files.original}</span>
			</label>
			{problem !== null && (
				<p class="small bad-text" role="alert">
					{problemText(problem)}
				</p>
			)}
		</div>
	);
}
