// pages/swot_factor.tsx - one factor of the board: read, edited in place, joined with another that says the same.
import type { JSX } from 'preact';
import { number, percent } from '../format.ts';
import { Button, Icon, Meanwhile, OneField, RowState, Select, type SheetRow } from '../parts/index.ts';
import { words } from '../text/index.ts';
import type { Board } from './swot.tsx';

export function Factor({
	board,
	row,
	open,
	toggle,
	others,
	same,
	unitName,
}: {
	board: Board;
	row: SheetRow;
	open: boolean;
	toggle: () => void;
	others: SheetRow[];
	same: SheetRow[];
	unitName: string | null;
}): JSX.Element {
	const { sheet, mayEdit } = board,
		{ values } = row,
		weight = values['weight_bp'],
		rating = values['rating'];
	const fields = board.columns.filter((column) =>
		['statement', 'dimension_code', 'weight_bp', 'rating'].includes(column.name),
	);
	const into = (id: string | null, target: SheetRow): void =>
		sheet.set([{ key: target.key, column: 'merged_into', value: id }]);
	return (
		<li class={open ? 'open' : ''}>
			<button type="button" class="factor" aria-expanded={open} onClick={toggle}>
				<b>
					{String(values['quadrant'])}
					{String(values['seq'])}
				</b>
				<span class="grow">
					{String(values['statement'])}
					{unitName !== null && <span class="tiny soft"> · {unitName}</span>}
					{same.length > 0 && <span class="tiny soft"> · {words.swot.joined(same.length)}</span>}
				</span>
				{weight != null && (
					<span class="tiny soft nowrap" title={words.swot.weightRating}>
						{percent(Number(weight) / 100, Number(weight) % 100 === 0 ? 0 : 1)} ×{' '}
						{rating == null ? '?' : number(Number(rating))}
					</span>
				)}
			</button>
			{row.unsaved !== undefined && !open && (
				<div class="factor-state">
					<RowState row={row} table="swot_factor" />
				</div>
			)}
			{open && (
				<div class="factor-edit">
					{row.unsaved !== undefined && (
						<Meanwhile
							unsaved={row.unsaved}
							labels={(name) => fields.find((one) => one.name === name)?.label ?? name}
						/>
					)}
					{fields.map((column) => (
						<OneField
							key={column.name}
							row={row}
							column={column}
							mayEdit={mayEdit}
							put={(value) => sheet.set([{ key: row.key, column: column.name, value }])}
						/>
					))}
					{same.map((one) => (
						<p class="small" key={String(one.values['id'])}>
							<Icon name="comment" size={13} /> {board.label(one.values)}:{' '}
							{String(one.values['statement'])}{' '}
							{mayEdit && (
								<Button small kind="quiet" onClick={() => into(null, one)}>
									{words.swot.separate}
								</Button>
							)}
						</p>
					))}
					<div class="button-row">
						<RowState row={row} table="swot_factor" />
						<span class="grow" />
						{mayEdit && others.length > 0 && (
							<Select
								value=""
								empty={words.swot.join}
								aria-label={words.swot.join}
								change={(id) => into(id, row)}
								options={others.map((one) => ({
									value: String(one.values['id']),
									label: `${board.label(one.values)} ${String(one.values['statement']).slice(0, 60)}`,
								}))}
							/>
						)}
						{mayEdit && (
							<Button small kind="danger" icon="trash" onClick={() => sheet.remove([row.key])}>
								{words.common.remove}
							</Button>
						)}
						<Button small onClick={toggle}>
							{words.common.close}
						</Button>
					</div>
				</div>
			)}
		</li>
	);
}
