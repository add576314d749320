// pages/strategies.tsx - the four cells of TOWS: strategies, the factors that each cites, and which ones are chosen.
//
// A strategy and its citations are one write: all of it or nothing.  An SO strategy cites at least one S and one O,
// and so on; without them it is refused here, with the sentence that the check before a submission uses.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { api, newId, type Problem, type Row, type Write } from '../api.ts';
import { Area, Badge, Button, Icon, Notice, problemText, SavedState } from '../parts/index.ts';
import { orgName, worksheetId } from '../reference.ts';
import { save, unsavedOf } from '../save.ts';
import { mayWrite, scope } from '../session.ts';
import { changed, useRows } from '../store.ts';
import { words } from '../text/index.ts';
import type { Board, Quadrant } from './swot.tsx';

const CELLS = ['SO', 'WO', 'ST', 'WT'] as const;
export type Cell = (typeof CELLS)[number];

// What a strategy of this cell must cite and does not; null if it is well.
export function refusal(cell: Cell, cited: readonly Quadrant[]): string | null {
	const letters = [cell[0], cell[1]] as Quadrant[];
	return letters.every((letter) => cited.includes(letter))
		? null
		: words.swot.refusal(cell, words.swot.quadrant[letters[0]!], words.swot.quadrant[letters[1]!]);
}

interface Draft {
	id: string | null;
	cell: Cell;
	statement: string;
	cites: string[];
	row: Row | null;
}

export function Strategies({ board }: { board: Board }): JSX.Element {
	const here = scope(),
		{ unit, dimension } = board;
	const read = useRows(
		'tows_strategy',
		unit === null ? { scope: here, dimension_code: dimension } : { scope: here, org_id: unit },
	);
	const links = useRows('tows_strategy_factor', { scope: here });
	const [draft, setDraft] = useState<Draft | null>(
		() => JSON.parse(localStorage.getItem(`simpul.tows.${unit}`) ?? 'null') as Draft | null,
	);
	const put = (next: Draft | null): void => {
		if (next === null) localStorage.removeItem(`simpul.tows.${unit}`);
		else localStorage.setItem(`simpul.tows.${unit}`, JSON.stringify(next));
		setDraft(next);
	};
	const rows = (read.value ?? []).filter(
		(row) =>
			row.values['merged_into'] == null &&
			(dimension === null || row.values['dimension_code'] === dimension),
	);
	const citesOf = (id: unknown): string[] =>
		(links.value ?? [])
			.filter((row) => row.values['tows_strategy_id'] === id)
			.map((row) => String(row.values['swot_factor_id']));
	const mayEdit = mayWrite('tows_strategy', unit ?? undefined);
	return (
		<section>
			<h2 class="section-title">{words.swot.strategies}</h2>
			<div class="board tows">
				{CELLS.map((cell) => (
					<section key={cell} class="quadrant strategies" aria-label={words.swot.cell(cell)}>
						<header>
							<b>{cell}</b>
							<h2>{words.swot.cellName[cell]}</h2>
						</header>
						<ul>
							{rows
								.filter((row) => row.values['cell'] === cell)
								.map((row) => (
									<Strategy
										key={String(row.values['id'])}
										board={board}
										row={row}
										cites={citesOf(row.values['id'])}
										mayEdit={mayEdit}
										edit={() =>
											put({
												id: String(row.values['id']),
												cell,
												statement: String(row.values['statement']),
												cites: citesOf(row.values['id']),
												row,
											})
										}
									/>
								))}
						</ul>
						{draft?.cell === cell ? (
							<Editor
								key={draft.id}
								board={board}
								draft={draft}
								before={citesOf(draft.id)}
								change={put}
								close={() => put(null)}
							/>
						) : (
							mayEdit &&
							unit !== null && (
								<Button
									small
									kind="quiet"
									icon="plus"
									onClick={() =>
										put({ id: null, cell, statement: '', cites: [], row: null })
									}
								>
									{words.swot.addStrategy(cell)}
								</Button>
							)
						)}
					</section>
				))}
			</div>
		</section>
	);
}

function Strategy({
	board,
	row,
	cites,
	mayEdit,
	edit,
}: {
	board: Board;
	row: Row;
	cites: string[];
	mayEdit: boolean;
	edit: () => void;
}): JSX.Element {
	const factors = board.factors.filter((one) => cites.includes(String(one.values['id']))),
		selected = row.values['selected'] === 1;
	const unsaved = unsavedOf('tows_strategy', row.key);
	return (
		<li class={selected ? 'strategy chosen' : 'strategy'}>
			<p>
				{String(row.values['statement'])}
				{board.unit === null && (
					<span class="tiny soft"> · {orgName(board.reference, row.values['org_id'], true)}</span>
				)}
			</p>
			<div class="chips">
				{factors.map((one) => (
					<span
						class={`chip q-${String(one.values['quadrant'])}`}
						key={String(one.values['id'])}
						title={String(one.values['statement'])}
					>
						{board.label(one.values)}
					</span>
				))}
				{factors.length < cites.length && (
					<span class="tiny soft">{words.swot.elsewhere(cites.length - factors.length)}</span>
				)}
				<span class="grow" />
				{(unsaved !== undefined || (row.state.contested?.length ?? 0) > 0) && (
					<SavedState row={row} unsaved={unsaved} table="tows_strategy" keyOf={row.key} />
				)}
				{mayEdit ? (
					<>
						<Button
							small
							kind="quiet"
							aria-pressed={selected}
							icon={selected ? 'tick' : 'check'}
							onClick={() =>
								save(
									{ table: 'tows_strategy', key: row.key, seen: row.seen },
									{ selected: selected ? 0 : 1 },
								)
							}
						>
							{selected ? words.swot.chosen : words.swot.choose}
						</Button>
						<Button small kind="quiet" icon="edit" onClick={edit}>
							{words.common.edit}
						</Button>
					</>
				) : (
					selected && <Badge tone="good">{words.swot.chosen}</Badge>
				)}
			</div>
		</li>
	);
}

function writesOf(board: Board, draft: Draft, before: string[]): Write[] {
	const here = scope(),
		id = draft.id ?? newId();
	const template = board.reference.templates.find((one) => one['kind'] === 'tows')!;
	const cited = board.factors.filter((one) => draft.cites.includes(String(one.values['id'])));
	const strategy: Write =
		draft.id === null
			? {
					op: 'insert',
					table: 'tows_strategy',
					values: {
						scope: here,
						id,
						worksheet_id: worksheetId(board.reference, template, board.unit ?? ''),
						org_id: board.unit,
						dimension_code: board.dimension ?? cited[0]?.values['dimension_code'] ?? null,
						cell: draft.cell,
						statement: draft.statement.trim(),
					},
				}
			: {
					op: 'update',
					table: 'tows_strategy',
					key: [here, id],
					values: { statement: draft.statement.trim() },
				};
	const link = (factor: string): { table: string; key: string[] } => ({
		table: 'tows_strategy_factor',
		key: [here, id, factor],
	});
	return [
		strategy,
		...draft.cites
			.filter((one) => !before.includes(one))
			.map((one): Write => ({
				op: 'insert',
				...link(one),
				values: { scope: here, tows_strategy_id: id, swot_factor_id: one },
			})),
		...before
			.filter((one) => !draft.cites.includes(one))
			.map((one): Write => ({ op: 'delete', ...link(one) })),
	];
}

function Editor({
	board,
	draft,
	before,
	change,
	close,
}: {
	board: Board;
	draft: Draft;
	before: string[];
	change: (draft: Draft) => void;
	close: () => void;
}): JSX.Element {
	const [wrong, setWrong] = useState<string | null>(null),
		[busy, setBusy] = useState(false);
	const pool = board.factors
		.filter(
			(one) =>
				draft.cell.includes(String(one.values['quadrant'])) &&
				(one.values['merged_into'] == null || draft.cites.includes(String(one.values['id']))) &&
				one.server !== null,
		)
		.sort(
			(a, b) =>
				draft.cell.indexOf(String(a.values['quadrant'])) -
				draft.cell.indexOf(String(b.values['quadrant'])),
		);
	const toggle = (id: string): void =>
		change({
			...draft,
			cites: draft.cites.includes(id) ? draft.cites.filter((one) => one !== id) : [...draft.cites, id],
		});
	const submit = async (): Promise<void> => {
		const cited = pool
			.filter((one) => draft.cites.includes(String(one.values['id'])))
			.map((one) => one.values['quadrant'] as Quadrant);
		const refused =
			draft.statement.trim().length < 3 ? words.swot.noStatement : refusal(draft.cell, cited);
		setWrong(refused);
		if (refused !== null) return;
		setBusy(true);
		try {
			await api.batch(
				writesOf(board, draft, before),
				draft.row?.seen === undefined ? {} : { seen: draft.row.seen },
			);
			changed(['tows_strategy', 'tows_strategy_factor']);
			close();
		} catch (e) {
			setWrong(problemText(e as Problem));
		}
		setBusy(false);
	};
	const remove = async (): Promise<void> => {
		setBusy(true);
		try {
			await api.batch([
				...before.map((one): Write => ({
					op: 'delete',
					table: 'tows_strategy_factor',
					key: [scope(), draft.id, one],
				})),
				{ op: 'delete', table: 'tows_strategy', key: [scope(), draft.id] },
			]);
			changed(['tows_strategy', 'tows_strategy_factor']);
			close();
		} catch (e) {
			setWrong(problemText(e as Problem));
		}
		setBusy(false);
	};
	return (
		<form
			class="strategy-edit"
			onSubmit={(e) => {
				e.preventDefault();
				void submit();
			}}
		>
			{wrong !== null && (
				<Notice tone="bad">
					<p>{wrong}</p>
				</Notice>
			)}
			<Area
				value={draft.statement}
				change={(statement) => change({ ...draft, statement })}
				rows={2}
				aria-label={words.swot.statement}
				placeholder={words.swot.statement}
			/>
			<fieldset>
				<legend class="small">{words.swot.rests}</legend>
				{pool.length === 0 && <p class="small soft">{words.swot.noFactors}</p>}
				<div class="chips">
					{pool.map((one) => {
						const id = String(one.values['id']),
							on = draft.cites.includes(id);
						return (
							<button
								type="button"
								key={id}
								class={`chip q-${String(one.values['quadrant'])}${on ? ' on' : ''}`}
								aria-pressed={on}
								onClick={() => toggle(id)}
								title={String(one.values['statement'])}
							>
								{on && <Icon name="check" size={12} />}
								<b>{board.label(one.values)}</b>{' '}
								{String(one.values['statement']).slice(0, 44)}
								{String(one.values['statement']).length > 44 ? '…' : ''}
							</button>
						);
					})}
				</div>
			</fieldset>
			<div class="button-row">
				<Button small kind="main" type="submit" busy={busy && words.state.saving}>
					{words.common.save}
				</Button>
				<Button small onClick={close}>
					{words.common.cancel}
				</Button>
				{draft.id !== null && (
					<Button small kind="danger" icon="trash" onClick={() => void remove()}>
						{words.common.remove}
					</Button>
				)}
			</div>
		</form>
	);
}
