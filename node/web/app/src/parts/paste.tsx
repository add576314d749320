// parts/paste.tsx - a block from Excel before it becomes rows: what each cell will be, which are understood, which not.
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Values } from '../api.ts';
import { headings, parse, parseBlock, show, type GridColumn, type Parsed } from '../cells.ts';
import { words } from '../text/index.ts';
import { Button } from './basics.tsx';
import { Icon } from './icon.tsx';
import { Select } from './fields.tsx';

interface Line { cells: string[]; parsed: (Parsed | null)[]; values: Values; bad: boolean }

export function Paste({ text, columns, from, add, close }: {
	text: string; columns: GridColumn[]; from: number; add: (rows: Values[]) => void; close: () => void;
}): JSX.Element {
	const block = useMemo(() => parseBlock(text), [text]);
	const head = useMemo(() => headings(columns, block[0] ?? []), [block]);
	const width = Math.max(...block.map((row) => row.length));
	const [map, setMap] = useState<(GridColumn | null)[]>(() => [...Array(width).keys()].map((i) => (head === null ? columns[from + i] : head[i]) ?? null));
	const [cells, setCells] = useState(() => (head === null ? block : block.slice(1)));
	const [done, setDone] = useState(0), box = useRef<HTMLElement>(null);
	useEffect(() => box.current?.focus(), []);

	const lines = cells.map((row): Line => {
		const parsed = map.map((column, i) => (column === null ? null : parse(column, row[i] ?? '')));
		const values: Values = {};
		map.forEach((column, i) => { if (column !== null && parsed[i]!.value !== null) values[column.name] = parsed[i]!.value; });
		const absent = columns.some((column) => column.required && values[column.name] === undefined && !map.includes(column));
		return { cells: row, parsed, values, bad: absent || parsed.some((one) => one?.error !== undefined) };
	});
	const ready = lines.filter((line) => !line.bad), absent = columns.filter((column) => column.required && !map.includes(column));
	const put = (): void => {
		add(ready.map((line) => line.values));
		const rest = cells.filter((_, i) => lines[i]!.bad);
		setDone(done + ready.length);
		setCells(rest);
		if (rest.length === 0)
			close();
	};
	return (
		<section class="paste panel" aria-label={words.paste.title} tabIndex={-1} ref={box} onKeyDown={(e) => { if (e.key === 'Escape') close(); }}>
			<header>
				<h2>{words.paste.title}</h2>
				<span class="small">{done > 0 && <b>{words.paste.done(done)} </b>}{words.paste.count(lines.length, ready.length)}</span>
				<Button kind="main" small disabled={ready.length === 0} onClick={put}>{words.paste.put(ready.length)}</Button>
				<Button small onClick={close}>{words.common.cancel}</Button>
			</header>
			{absent.length > 0 && <p class="paste-absent"><Icon name="warn" size={15} /> {words.paste.absent(absent.map((one) => one.label).join(', '))}</p>}
			<div class="table-scroll">
				<table class="plain">
					<thead><tr><th>{words.grid.number}</th>{map.map((column, i) => (
						<th key={i}>
							<Select value={column?.name ?? ''} empty={words.paste.skip} aria-label={words.paste.column(i + 1)}
								options={columns.map((one) => ({ value: one.name, label: one.label }))}
								change={(name) => setMap(map.map((old, j) => (j === i ? columns.find((one) => one.name === name) ?? null : old)))} />
						</th>
					))}</tr></thead>
					<tbody>{lines.slice(0, 200).map((line, r) => (
						<tr key={r} class={line.bad ? 'bad' : ''}>
							<td class="soft">{r + 1}</td>
							{map.map((column, i) => {
								const parsed = line.parsed[i];
								return parsed?.error !== undefined ? (
									<td key={i} class="wrong"><input value={line.cells[i] ?? ''} aria-label={column!.label} aria-invalid="true"
										onInput={(e) => setCells(cells.map((row, k) => (k === r ? Object.assign([...row], { [i]: e.currentTarget.value }) : row)))} />
									<span class="cell-why">{parsed.error}</span></td>
								) : (
									<td key={i} class={column === null ? 'skipped' : ''}>
										{column === null ? line.cells[i] : show(column, parsed!.value)}
										{parsed?.mapped !== undefined && <span class="cell-mapped"><Icon name="check" size={12} /> {line.cells[i]!.trim()}</span>}
									</td>
								);
							})}
						</tr>
					))}</tbody>
				</table>
			</div>
			{lines.length > 200 && <p class="small soft">{words.paste.more(lines.length - 200)}</p>}
		</section>
	);
}
