// pages/obligations.tsx - what an assisted region owes: decrees and memoranda, with number, date, signer and scan.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { newId, type Problem, type Row, type Values } from '../api.ts';
import { bytes, date, parseDate, percent } from '../format.ts';
import { addDocument } from '../documents.ts';
import {
	Badge,
	Button,
	Empty,
	Icon,
	PageHead,
	Panel,
	problemText,
	SavedState,
	SelectField,
	Shown,
	TextField,
} from '../parts/index.ts';
import { personName, useReference, type Reference } from '../reference.ts';
import { save, unsavedOf, useSaving } from '../save.ts';
import { mayWrite, scope, tableOf } from '../session.ts';
import { useRows, useView } from '../store.ts';
import { language, words } from '../text/index.ts';

export default function ObligationsPage(): JSX.Element {
	const reference = useReference(),
		owed = useView('obligation', ['decision'], { scope: scope() }),
		decisions = useRows('decision', { scope: scope(), order: '-signed_on' });
	const [adding, setAdding] = useState<string | null>(null);
	useSaving();
	if (reference === undefined) return <p class="loading">{words.common.loading}</p>;
	const list = owed.value ?? [],
		met = list.filter((one) => one['decision_id'] !== null).length,
		may = mayWrite('decision');
	return (
		<div class="stack">
			<PageHead
				title={words.nav.obligations}
				intro={words.obligations.intro}
				actions={
					<Badge tone={met === list.length ? 'good' : 'wait'}>
						{words.obligations.met(met, list.length)}
					</Badge>
				}
			/>
			<Panel flush>
				<ul class="check-list">
					{list.map((one) => {
						const row = decisions.value?.find(
							(decision) => decision.values['id'] === one['decision_id'],
						);
						return (
							<li key={String(one['kind'])} class={row === undefined ? '' : 'met'}>
								<Icon name={row === undefined ? 'clock' : 'tick'} size={22} />
								<div class="grow">
									<strong>
										{String(one[language === 'en' ? 'label_en' : 'label_id'])}
									</strong>
									<div class="small soft">
										{row === undefined
											? words.obligations.missing
											: `${String(row.values['number'])} · ${date(String(row.values['signed_on']))}`}
									</div>
								</div>
								{row === undefined && may && adding === null && (
									<Button small kind="main" onClick={() => setAdding(String(one['kind']))}>
										{words.obligations.enter}
									</Button>
								)}
							</li>
						);
					})}
				</ul>
			</Panel>
			{adding !== null && (
				<NewDecision key={adding} kind={adding} reference={reference} close={() => setAdding(null)} />
			)}
			<Panel
				title={words.obligations.all}
				actions={
					may &&
					adding === null && (
						<Button small icon="plus" onClick={() => setAdding('')}>
							{words.common.add}
						</Button>
					)
				}
			>
				<Shown read={decisions}>
					{(rows) =>
						rows.length === 0 ? (
							<Empty icon="list" title={words.obligations.none}>
								{words.obligations.noneText}
							</Empty>
						) : (
							<div
								class="table-scroll"
								tabIndex={0}
								role="region"
								aria-label={words.obligations.all}
							>
								<table class="plain">
									<thead>
										<tr>
											<th>{words.obligations.kind}</th>
											<th>{words.obligations.number}</th>
											<th>{words.obligations.title}</th>
											<th>{words.obligations.signedOn}</th>
											<th>{words.obligations.signer}</th>
											<th>{words.obligations.scan}</th>
											<th />
										</tr>
									</thead>
									<tbody>
										{rows.map((row) => (
											<Decision
												key={String(row.values['id'])}
												row={row}
												reference={reference}
											/>
										))}
									</tbody>
								</table>
							</div>
						)
					}
				</Shown>
			</Panel>
		</div>
	);
}

function Decision({ row, reference }: { row: Row; reference: Reference }): JSX.Element {
	const { values } = row,
		document = useRows('document', { scope: scope(), id: String(values['document_id'] ?? '') });
	const file = document.value?.[0]?.values;
	return (
		<tr>
			<td>{words.obligations.kinds[values['kind'] as 'mou'] ?? String(values['kind'])}</td>
			<td class="nowrap">{String(values['number'])}</td>
			<td>{String(values['title'])}</td>
			<td class="nowrap">{date(String(values['signed_on']))}</td>
			<td>{personName(reference, values['signer_person_id'])}</td>
			<td>
				{file === undefined ? (
					<AddScan row={row} />
				) : (
					<a href={`/api/files/${String(file['sha256'])}`} target="_blank" rel="noreferrer">
						{String(file['file_name'])}
					</a>
				)}
			</td>
			<td>
				<SavedState
					row={row}
					unsaved={unsavedOf('decision', row.key)}
					table="decision"
					keyOf={row.key}
				/>
			</td>
		</tr>
	);
}

function AddScan({ row }: { row: Row }): JSX.Element {
	const [busy, setBusy] = useState<string | false>(false),
		[problem, setProblem] = useState<Problem | null>(null);
	if (!mayWrite('decision')) return <span class="soft">{words.obligations.noScan}</span>;
	const pick = async (file: File | undefined): Promise<void> => {
		if (file === undefined) return;
		setBusy(words.obligations.uploading(bytes(file.size)));
		setProblem(null);
		try {
			const id = await addDocument(file, 'decision', String(row.values['title']), (done) =>
				setBusy(percent((done / file.size) * 100)),
			);
			save({ table: 'decision', key: row.key, seen: row.seen }, { document_id: id });
		} catch (e) {
			setProblem(e as Problem);
		}
		setBusy(false);
	};
	return (
		<>
			<label class="button small">
				{busy === false ? (
					<>
						<Icon name="clip" size={15} />
						{words.obligations.addScan}
					</>
				) : (
					busy
				)}
				<input
					type="file"
					class="hidden"
					accept="application/pdf,image/*"
					disabled={busy !== false}
					onChange={(e) => void pick(e.currentTarget.files?.[0])}
				/>
			</label>
			{problem !== null && <p class="tiny bad-text">{problemText(problem)}</p>}
		</>
	);
}

function NewDecision({
	kind,
	reference,
	close,
}: {
	kind: string;
	reference: Reference;
	close: () => void;
}): JSX.Element {
	const [form, setForm] = useState({
			kind,
			number: '',
			title: kind === '' ? '' : (words.obligations.titles[kind as 'mou'] ?? ''),
			signed_on: '',
			signer: '',
		}),
		[tried, setTried] = useState(false);
	const put =
		(name: keyof typeof form) =>
		(value: string): void =>
			setForm({ ...form, [name]: value });
	const day = parseDate(form.signed_on),
		need = (text: string): string | undefined =>
			tried && text.trim() === '' ? words.grid.missing : undefined;
	const submit = (event: Event): void => {
		event.preventDefault();
		setTried(true);
		if (form.kind === '' || form.number.trim() === '' || form.title.trim() === '' || day === null) return;
		const id = newId(),
			values: Values = {
				scope: scope(),
				id,
				kind: form.kind,
				number: form.number.trim(),
				title: form.title.trim(),
				signed_on: day,
				signer_person_id: form.signer === '' ? null : form.signer,
			};
		save({ table: 'decision', key: [scope(), id], fresh: true }, values);
		close();
	};
	const kinds = tableOf('decision')?.columns.find((column) => column.name === 'kind')?.choices ?? [];
	return (
		<Panel title={words.obligations.enter}>
			<form class="stack" onSubmit={submit}>
				<div class="three">
					<SelectField
						label={words.obligations.kind}
						value={form.kind}
						change={put('kind')}
						empty={words.obligations.chooseKind}
						error={need(form.kind)}
						required
						options={kinds.map((value) => ({
							value,
							label: words.obligations.kinds[value as 'mou'] ?? value,
						}))}
					/>
					<TextField
						label={words.obligations.number}
						value={form.number}
						change={put('number')}
						error={need(form.number)}
						required
					/>
					<TextField
						label={words.obligations.signedOn}
						value={form.signed_on}
						change={put('signed_on')}
						help={words.grid.dateHint}
						error={tried && day === null ? words.grid.notDate : undefined}
						required
					/>
				</div>
				<TextField
					label={words.obligations.title}
					value={form.title}
					change={put('title')}
					error={need(form.title)}
					required
				/>
				<SelectField
					label={words.obligations.signer}
					value={form.signer}
					change={put('signer')}
					empty={words.common.empty}
					options={reference.people.map((one) => ({
						value: String(one['id']),
						label: personName(reference, one['id']),
					}))}
				/>
				<div class="button-row">
					<Button kind="main" type="submit">
						{words.common.save}
					</Button>
					<Button onClick={close}>{words.common.cancel}</Button>
				</div>
			</form>
		</Panel>
	);
}
