// parts/paste.tsx - a block from Excel before it becomes rows: what each cell will be, which are understood, which not.
import { download } from '../download.ts';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Values } from '../api.ts';
import { headings, parse, parseBlock, show, type GridColumn, type Parsed } from '../cells.ts';
import { words } from '../text/index.ts';
import { address, rejectedFile } from '../xlsx.ts';
import { Button } from './basics.tsx';
import { Icon } from './icon.tsx';
import { Select } from './fields.tsx';

interface Line {
	cells: string[];
	at: number;
	parsed: (Parsed | null)[];
	values: Values;
	bad: boolean;
	known: boolean;
}

// What came: text of the clipboard, or the rows of a file.  Of a file, cells are named as the file names them.
export interface Block {
	text?: string;
	rows?: string[][];
	name?: string;
}

// The line of headings is among the first ten; above it files have titles.
function begin(
	block: Block,
	columns: GridColumn[],
): { head: (GridColumn | null)[] | null; rows: { cells: string[]; at: number }[] } {
	const rows = block.rows ?? parseBlock(block.text ?? '');
	const at = rows
		.slice(0, block.rows === undefined ? 1 : 10)
		.findIndex((row) => headings(columns, row) !== null);
	return {
		head: at < 0 ? null : headings(columns, rows[at]!),
		rows: rows
			.map((cells, i) => ({ cells, at: i }))
			.slice(at + 1)
			.filter((one) => one.cells.some((cell) => cell.trim() !== '')),
	};
}

export function Paste({
	block,
	columns,
	from,
	add,
	close,
	there,
}: {
	block: Block;
	columns: GridColumn[];
	from: number;
	add: (rows: Values[]) => void;
	close: () => void;
	there: Values[];
}): JSX.Element {
	const start = useMemo(() => begin(block, columns), [block]),
		head = start.head;
	const width = Math.max(1, head?.length ?? 0, ...start.rows.map((row) => row.cells.length));
	const [map, setMap] = useState<(GridColumn | null)[]>(() =>
		[...Array(width).keys()].map((i) => (head === null ? columns[from + i] : head[i]) ?? null),
	);
	const [cells, setCells] = useState(start.rows);
	const [done, setDone] = useState(0),
		box = useRef<HTMLElement>(null);
	useEffect(() => box.current?.focus(), []);

	const mapped = new Set(map.map((column) => column?.name));
	const lines = cells.map(({ cells: row, at }): Line => {
		const parsed = map.map((column, i) => (column === null ? null : parse(column, row[i] ?? '')));
		const values: Values = {};
		map.forEach((column, i) => {
			if (column !== null && parsed[i]!.value !== null) values[column.name] = parsed[i]!.value;
		});
		const absent = columns.some(
			(column) => column.required && values[column.name] === undefined && !mapped.has(column.name),
		);
		const known =
			Object.keys(values).length > 0 &&
			there.some((old) =>
				map.every(
					(column) =>
						column === null || (old[column.name] ?? null) === (values[column.name] ?? null),
				),
			);
		return {
			cells: row,
			at,
			parsed,
			values,
			known,
			bad: !known && (absent || parsed.some((one) => one?.error !== undefined)),
		};
	});
	const ready = lines.filter((line) => !line.bad && !line.known),
		known = lines.filter((line) => line.known).length,
		absent = columns.filter((column) => column.required && !mapped.has(column.name));
	const put = (): void => {
		add(ready.map((line) => line.values));
		const rest = cells.filter((_, i) => lines[i]!.bad);
		setDone(done + ready.length);
		setCells(rest);
		if (rest.length === 0) close();
	};
	const rejected = lines.filter((line) => line.bad);
	const why = (line: Line): string =>
		line.parsed
			.flatMap((one, i) =>
				one?.error === undefined
					? []
					: [`${block.name === undefined ? map[i]!.label : address(line.at, i)}: ${one.error}`],
			)
			.join('; ');
	const giveBack = (): void =>
		download(
			`${words.paste.rejectedName}.csv`,
			rejectedFile(
				[...map.map((column, i) => column?.label ?? words.paste.column(i + 1)), words.paste.why],
				rejected.map((line) => [...map.map((_, i) => line.cells[i] ?? ''), why(line)]),
			),
		);
	return (
		<section
			class="paste panel"
			aria-label={words.paste.title}
			tabIndex={-1}
			ref={box}
			onKeyDown={(e) => {
				if (e.key === 'Escape') close();
			}}
		>
			<header>
				<h2>{block.name ?? words.paste.title}</h2>
				<span class="small">
					{done > 0 && <b>{words.paste.done(done)} </b>}
					{words.paste.count(lines.length, ready.length, known)}
				</span>
				{rejected.length > 0 && (
					<Button small onClick={giveBack}>
						{words.paste.rejected}
					</Button>
				)}
				<Button kind="main" small disabled={ready.length === 0} onClick={put}>
					{words.paste.put(ready.length)}
				</Button>
				<Button small onClick={close}>
					{words.common.cancel}
				</Button>
			</header>
			{absent.length > 0 && (
				<p class="paste-absent">
					<Icon name="warn" size={15} />{' '}
					{words.paste.absent(absent.map((one) => one.label).join(', '))}
				</p>
			)}
			<div class="table-scroll">
				<table class="plain">
					<thead>
						<tr>
							<th>{words.grid.number}</th>
							{map.map((column, i) => (
								<th key={i}>
									<Select
										value={column?.name ?? ''}
										empty={words.paste.skip}
										aria-label={words.paste.column(i + 1)}
										options={columns.map((one) => ({
											value: one.name,
											label: one.label,
										}))}
										change={(name) =>
											setMap(
												map.map((old, j) =>
													j === i
														? (columns.find((one) => one.name === name) ?? null)
														: old,
												),
											)
										}
									/>
								</th>
							))}
						</tr>
					</thead>
					<tbody>
						{lines.slice(0, 200).map((line, r) => (
							<tr key={line.at} class={line.bad ? 'bad' : line.known ? 'known' : ''}>
								<td class="soft">
									{line.at + 1}
									{line.known && <span class="cell-mapped">{words.paste.known}</span>}
								</td>
								{map.map((column, i) => {
									const parsed = line.parsed[i];
									return parsed?.error !== undefined && !line.known ? (
										<td key={i} class="wrong">
											<input
												value={line.cells[i] ?? ''}
												aria-label={column!.label}
												aria-invalid="true"
												onInput={(e) =>
													setCells(
														cells.map((row, k) =>
															k === r
																? {
																		...row,
																		cells: Object.assign([...row.cells], {
																			[i]: e.currentTarget.value,
																		}),
																	}
																: row,
														),
													)
												}
											/>
											<span class="cell-why">
												{block.name !== undefined && `${address(line.at, i)}: `}
												{parsed.error}
											</span>
										</td>
									) : (
										<td key={i} class={column === null ? 'skipped' : ''}>
											{column === null ? line.cells[i] : show(column, parsed!.value)}
											{parsed?.mapped !== undefined && (
												<span class="cell-mapped">
													<Icon name="check" size={12} /> {line.cells[i]!.trim()}
												</span>
											)}
										</td>
									);
								})}
							</tr>
						))}
					</tbody>
				</table>
			</div>
			{lines.length > 200 && <p class="small soft">{words.paste.more(lines.length - 200)}</p>}
		</section>
	);
}
