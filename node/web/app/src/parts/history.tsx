// parts/history.tsx - who changed this, when, from which device, and what was there before.
import type { JSX } from 'preact';
import { api, type Key, type Value } from '../api.ts';
import { show, type GridColumn } from '../cells.ts';
import { when } from '../format.ts';
import { useRead } from '../store.ts';
import { words } from '../text/index.ts';
import { Shown } from './basics.tsx';

export function History({
	table,
	keyOf,
	column,
}: {
	table: string;
	keyOf: Key;
	column: GridColumn | { name: string; label: string };
}): JSX.Element {
	const read = useRead(`history/${table}/${JSON.stringify(keyOf)}/${column.name}`, [table], () =>
		api.history(table, keyOf, column.name),
	);
	const text = (value: Value): string =>
		('kind' in column ? show(column, value) : String(value ?? '')) || words.common.empty;
	return (
		<Shown read={read}>
			{({ changes }) =>
				changes.length === 0 ? (
					<p class="small soft">{words.history.none}</p>
				) : (
					<ol class="history">
						{changes.map((change, i) => (
							<li key={i}>
								<div class="small">
									{change.by ?? words.common.nobody} ·{' '}
									{change.at === null ? '' : when(change.at)}
									<span class="soft"> · {change.node}</span>
								</div>
								<div class={`pre${i === 0 ? '' : ' soft'}`}>{text(change.value)}</div>
							</li>
						))}
					</ol>
				)
			}
		</Shown>
	);
}
