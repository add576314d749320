// parts/saved.tsx - what became of what was typed: saved, sent, to be chosen, or in words why not.
import type { JSX } from 'preact';
import type { Key, Row } from '../api.ts';
import { when } from '../format.ts';
import { giveUp, saveAnyway, savedAtOf, type Unsaved } from '../save.ts';
import { said, words } from '../text/index.ts';
import { Badge, Button, Notice, problemText } from './basics.tsx';
import type { SheetRow } from './rows.ts';

export function RowState({ row, table }: { row: SheetRow; table: string }): JSX.Element {
	const { unsaved } = row;
	if (unsaved === undefined && row.missing.length > 0)
		return (
			<Badge tone="wait" icon="edit">
				{words.state.incomplete(row.missing.map((column) => column.label).join(', '))}
			</Badge>
		);
	return <SavedState row={row.server} unsaved={unsaved} table={table} keyOf={row.key} />;
}

export function SavedState({
	row,
	unsaved,
	table,
	keyOf,
}: {
	row: Row | null;
	unsaved: Unsaved | undefined;
	table: string;
	keyOf: Key;
}): JSX.Element {
	if (unsaved?.meanwhile != null)
		return (
			<Badge tone="bad" icon="split">
				{words.state.meanwhile}
			</Badge>
		);
	if (unsaved !== undefined && unsaved.problem !== null)
		return unsaved.problem.passing ? (
			<Badge tone="wait">{words.state.waiting}</Badge>
		) : (
			<Badge tone="bad">{words.state.refused}</Badge>
		);
	if (unsaved !== undefined)
		return (
			<Badge tone="plain" icon="clock">
				{words.state.saving}
			</Badge>
		);
	if ((row?.state.contested?.length ?? 0) > 0)
		return (
			<a href="/pilih">
				<Badge tone="wait" icon="split">
					{words.state.contested}
				</Badge>
			</a>
		);
	const at = savedAtOf(table, keyOf) ?? row?.state.at ?? null;
	const saved = at === null ? words.state.savedPlain : words.state.saved(when(at));
	return row?.state.sent === 'unsent' ? (
		<span class="saved">
			<span>{saved}</span> · <span class="unsent">{words.state.unsent}</span>
		</span>
	) : (
		<span
			class="saved"
			title={row?.state.sent === 'receipted' ? words.state.receipted : words.state.sent}
		>
			{saved} · {words.state.sent}
		</span>
	);
}

// Somebody else's value came in while this was typed: both are shown, the person decides.
export function Meanwhile({
	unsaved,
	labels,
}: {
	unsaved: Unsaved;
	labels: (column: string) => string;
}): JSX.Element | null {
	const now = unsaved.meanwhile;
	if (now === null)
		return unsaved.problem === null || unsaved.problem.passing ? null : (
			<Notice tone="bad" title={words.state.refused}>
				<p>
					{unsaved.errors.length > 0
						? unsaved.errors.map((e) => `${labels(e.column ?? '')}: ${said(e)}`).join('. ')
						: problemText(unsaved.problem)}
				</p>
				<Button small onClick={() => giveUp(unsaved.table, unsaved.key)}>
					{words.save.giveUp}
				</Button>
			</Notice>
		);
	return (
		<Notice tone="bad" icon="split" title={words.save.meanwhile}>
			<table class="plain">
				<thead>
					<tr>
						<th />
						<th>{words.save.theirs(now.state.by ?? words.common.nobody)}</th>
						<th>{words.save.mine}</th>
					</tr>
				</thead>
				<tbody>
					{Object.entries(unsaved.values).map(([column, value]) => (
						<tr key={column}>
							<th>{labels(column)}</th>
							<td>{String(now.values[column] ?? words.common.empty)}</td>
							<td>{String(value ?? words.common.empty)}</td>
						</tr>
					))}
				</tbody>
			</table>
			<div class="button-row">
				<Button small kind="main" onClick={() => saveAnyway(unsaved.table, unsaved.key)}>
					{words.save.keepMine}
				</Button>
				<Button small onClick={() => giveUp(unsaved.table, unsaved.key)}>
					{words.save.takeTheirs}
				</Button>
			</div>
		</Notice>
	);
}
