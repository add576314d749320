// parts/sorted.tsx - a table that is read: sorted by any column, long ones a screenful at a time.
import type { ComponentChildren, JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { words } from '../text/index.ts';
import { Button } from './basics.tsx';

export interface SortedColumn<T> {
	name: string;
	title: string;
	value: (row: T) => string | number;
	show?: (row: T) => ComponentChildren;
	number?: boolean;
}

const STEP = 100;

export function SortedTable<T>({
	columns,
	rows,
	keyOf,
	start,
	descending = false,
}: {
	columns: SortedColumn<T>[];
	rows: T[];
	keyOf: (row: T) => string;
	start: string;
	descending?: boolean;
}): JSX.Element {
	const [by, setBy] = useState({ name: start, down: descending }),
		[shown, setShown] = useState(STEP);
	const column = columns.find((one) => one.name === by.name) ?? columns[0]!;
	const sorted = useMemo(
		() =>
			[...rows].sort((a, b) => {
				const x = column.value(a),
					y = column.value(b);
				const order =
					typeof x === 'number' && typeof y === 'number'
						? x - y
						: String(x).localeCompare(String(y), 'id');
				return by.down ? -order : order;
			}),
		[rows, by.name, by.down],
	);
	return (
		<div class="table-wide" tabIndex={0} role="region" aria-label={words.hub.table}>
			<table class="list">
				<thead>
					<tr>
						{columns.map((one) => (
							<th
								key={one.name}
								class={one.number ? 'number' : ''}
								aria-sort={
									one.name === by.name ? (by.down ? 'descending' : 'ascending') : 'none'
								}
							>
								<button
									type="button"
									onClick={() =>
										setBy({ name: one.name, down: one.name === by.name && !by.down })
									}
								>
									{one.title}
									{one.name === by.name ? (by.down ? ' ↓' : ' ↑') : ''}
								</button>
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{sorted.slice(0, shown).map((row) => (
						<tr key={keyOf(row)}>
							{columns.map((one) => (
								<td key={one.name} class={one.number ? 'number' : ''}>
									{one.show === undefined ? one.value(row) : one.show(row)}
								</td>
							))}
						</tr>
					))}
				</tbody>
			</table>
			{sorted.length > shown && (
				<p>
					<Button small onClick={() => setShown(shown + 4 * STEP)}>
						{words.common.more} ({sorted.length - shown})
					</Button>
				</p>
			)}
		</div>
	);
}
