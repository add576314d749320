// parts/grid.tsx - a worksheet one types in: like a spreadsheet by keyboard, with the state of each row at its end.
//
// The container holds the focus and names the active cell; rows that are out of sight are not in the page.  Typing
// replaces, F2 edits, Enter goes down, Tab right; Esc and then Tab leaves the grid.  What is being typed is also in
// the browser's storage, so that a power cut takes no word.
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Key } from '../api.ts';
import { editable, formatBlock, parse, show, type GridColumn } from '../cells.ts';
import { said, words } from '../text/index.ts';
import { Button } from './basics.tsx';
import { CellEditor, type Move } from './editor.tsx';
import { Icon } from './icon.tsx';
import { Paste, type Block } from './paste.tsx';
import { sameKey } from '../store.ts';
import type { Sheet, SheetRow } from './rows.ts';
import { Meanwhile, RowState } from './saved.tsx';

const ROW = 45,
	HEAD = 38,
	SPARE = 8,
	NUMBER = 44,
	STATE = 168;

interface Spot {
	row: number;
	column: number;
}
interface Typing {
	key: string;
	column: string;
	text: string;
}

// Each column has its own width; what is left goes to the long ones.
function widthsOf(columns: GridColumn[], room: number): number[] {
	const base = columns.map((one) =>
		Math.max(76, Math.min(320, one.width * 7.5, one.kind === 'choice' ? 150 : 320)),
	);
	const spare = Math.max(0, room - base.reduce((a, b) => a + b, 0) - 2),
		long = columns.filter((one) => one.kind === 'long').length;
	return base.map((width, i) =>
		Math.floor(
			width + (long === 0 ? spare / columns.length : columns[i]!.kind === 'long' ? spare / long : 0),
		),
	);
}

export interface GridProps {
	sheet: Sheet;
	columns: GridColumn[];
	table: string;
	label: string;
	mayEdit: boolean;
	selected?: (row: SheetRow | null, column: GridColumn | null) => void;
	actions?: JSX.Element;
	from?: Block | null;
	taken?: () => void; // from: rows of a file, shown before they come in
}

export function Grid(props: GridProps): JSX.Element {
	const { sheet, columns, mayEdit, table } = props,
		{ rows } = sheet;
	const box = useRef<HTMLDivElement>(null);
	const [at, setAt] = useState<Spot>({ row: 0, column: 0 }),
		[anchor, setAnchor] = useState<Spot | null>(null);
	const [edit, setEdit] = useState<{ text: string; whole: boolean } | null>(null);
	const [wrong, setWrong] = useState<Map<string, { text: string; error: string }>>(new Map());
	const [pastedBlock, setBlock] = useState<Block | null>(null),
		[help, setHelp] = useState<string | null>(null);
	const [scroll, setScroll] = useState(0),
		[{ height, width }, setSize] = useState({ height: 600, width: 900 }),
		leaving = useRef(false);
	const typingName = `simpul.typing.${table}`;
	const block = props.from ?? pastedBlock;
	const total = rows.length + (mayEdit ? 1 : 0),
		row = rows[at.row] ?? null,
		column = columns[at.column]!;
	const cellName = (key: Key, name: string): string => `${JSON.stringify(key)} ${name}`;

	useLayoutEffect(() => {
		const element = box.current!,
			measure = new ResizeObserver(() =>
				setSize({ height: element.clientHeight, width: element.clientWidth }),
			);
		measure.observe(element);
		return () => measure.disconnect();
	}, []);
	useEffect(() => props.selected?.(row, column), [JSON.stringify(row?.key), at.column]);
	useEffect(() => {
		// a word that was being typed when the page went away
		const old = JSON.parse(localStorage.getItem(typingName) ?? 'null') as Typing | null;
		const r = old === null ? -1 : rows.findIndex((one) => JSON.stringify(one.key) === old.key);
		const c = columns.findIndex((one) => one.name === old?.column);
		if (old === null || r < 0 || c < 0 || !mayEdit) return;
		setAt({ row: r, column: c });
		setEdit({ text: old.text, whole: true });
	}, []);

	const typing = (text: string | null): void => {
		if (text === null || row === null) localStorage.removeItem(typingName);
		else
			localStorage.setItem(
				typingName,
				JSON.stringify({ key: JSON.stringify(row.key), column: column.name, text } satisfies Typing),
			);
	};
	const showSpot = (spot: Spot): void => {
		const element = box.current!,
			top = spot.row * ROW;
		if (top < element.scrollTop) element.scrollTop = top;
		else if (top + ROW + HEAD > element.scrollTop + element.clientHeight)
			element.scrollTop = top + ROW + HEAD - element.clientHeight + 4;
		requestAnimationFrame(() =>
			element.querySelector('.at')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }),
		);
	};
	const moveTo = (spot: Spot, extend = false): void => {
		const to = {
			row: Math.max(0, Math.min(total - 1, spot.row)),
			column: Math.max(0, Math.min(columns.length - 1, spot.column)),
		};
		setAnchor(extend ? (anchor ?? at) : null);
		setAt(to);
		showSpot(to);
	};
	const step = (by: number): void => {
		// Tab: on over the end of the row
		const next = at.row * columns.length + at.column + by;
		moveTo({
			row: Math.floor(next / columns.length),
			column: ((next % columns.length) + columns.length) % columns.length,
		});
	};
	const put = (key: Key | null, target: GridColumn, text: string): Key | null => {
		const parsed = parse(target, text),
			name = key === null ? '' : cellName(key, target.name),
			next = new Map(wrong);
		if (key === null && text.trim() === '') return null;
		next.delete(name);
		if (parsed.error === undefined) {
			const made = key ?? sheet.add({ [target.name]: parsed.value });
			const old =
				rows.find((one) => key !== null && sameKey(one.key, key))?.values[target.name] ?? null;
			if (key !== null && old !== parsed.value)
				sheet.set([{ key, column: target.name, value: parsed.value }]);
			setWrong(next);
			return made;
		}
		const made = key ?? sheet.add({});
		next.set(cellName(made, target.name), { text, error: parsed.error });
		setWrong(next);
		return made;
	};
	const commit = (text: string, move: Move): void => {
		typing(null);
		put(row?.key ?? null, column, text);
		setEdit(null);
		box.current!.focus();
		if (move === 'down' || move === 'up')
			moveTo({ row: at.row + (move === 'down' ? 1 : -1), column: at.column });
		else if (move !== 'stay') step(move === 'right' ? 1 : -1);
	};
	const begin = (text?: string): void => {
		if (!mayEdit || column.readOnly === true) return;
		const bad = row === null ? undefined : wrong.get(cellName(row.key, column.name));
		setAnchor(null);
		setEdit({
			text: text ?? bad?.text ?? editable(column, row?.values[column.name]),
			whole: text === undefined,
		});
	};
	const range = (): { top: number; bottom: number; left: number; right: number } => {
		const other = anchor ?? at;
		return {
			top: Math.min(at.row, other.row),
			bottom: Math.min(rows.length - 1, Math.max(at.row, other.row)),
			left: Math.min(at.column, other.column),
			right: Math.max(at.column, other.column),
		};
	};
	const clear = (): void => {
		const { top, bottom, left, right } = range();
		const changes = rows.slice(top, bottom + 1).flatMap((one) =>
			columns
				.slice(left, right + 1)
				.filter((target) => !target.required && one.values[target.name] !== null)
				.map((target) => ({ key: one.key, column: target.name, value: null })),
		);
		if (changes.length > 0) sheet.set(changes);
		if (changes.length === 0 && top === bottom && left === right && column.required) begin('');
	};
	const fillDown = (): void => {
		const { top, bottom, left, right } = range(),
			from = rows[top];
		if (from !== undefined && bottom > top)
			sheet.set(
				rows
					.slice(top + 1, bottom + 1)
					.flatMap((one) =>
						columns
							.slice(left, right + 1)
							.map((target) => ({
								key: one.key,
								column: target.name,
								value: from.values[target.name] ?? null,
							})),
					),
			);
	};
	const removeRows = (): void => {
		const { top, bottom } = range(),
			gone = rows.slice(top, bottom + 1).map((one) => one.key);
		if (gone.length > 0) sheet.remove(gone);
		moveTo({ row: top, column: at.column });
	};

	const keyDown = (event: KeyboardEvent): void => {
		if (edit !== null || event.target !== box.current) return;
		const ctrl = event.ctrlKey || event.metaKey,
			shift = event.shiftKey;
		const by = (r: number, c: number): void => moveTo({ row: at.row + r, column: at.column + c }, shift);
		const page = Math.max(1, Math.floor(height / ROW) - 2);
		const actions: Record<string, () => void> = {
			ArrowUp: () => by(ctrl ? -total : -1, 0),
			ArrowDown: () => by(ctrl ? total : 1, 0),
			ArrowLeft: () => by(0, ctrl ? -99 : -1),
			ArrowRight: () => by(0, ctrl ? 99 : 1),
			PageUp: () => by(-page, 0),
			PageDown: () => by(page, 0),
			Home: () => moveTo({ row: ctrl ? 0 : at.row, column: 0 }, shift),
			End: () => moveTo({ row: ctrl ? rows.length - 1 : at.row, column: columns.length - 1 }, shift),
			Enter: () => (shift ? by(-1, 0) : moveTo({ row: at.row + 1, column: at.column })),
			F2: () => begin(),
			Delete: clear,
			Backspace: clear,
			Tab: () => step(shift ? -1 : 1),
			Escape: () => {
				leaving.current = true;
				setAnchor(null);
			},
		};
		if (
			event.key === 'Tab' &&
			(leaving.current ||
				(shift ? at.row + at.column === 0 : at.row >= total - 1 && at.column === columns.length - 1))
		) {
			leaving.current = false;
			return;
		}
		if (event.key !== 'Escape' && event.key !== 'Shift') leaving.current = false;
		if (ctrl && mayEdit && event.key === 'z') sheet.undo();
		else if (ctrl && mayEdit && event.key === 'd') fillDown();
		else if (ctrl && mayEdit && (event.key === '-' || event.key === 'Delete')) removeRows();
		else if (ctrl && event.key === 'a') {
			setAnchor({ row: 0, column: 0 });
			setAt({ row: rows.length - 1, column: columns.length - 1 });
		} else if (!ctrl && event.key.length === 1 && mayEdit) begin(event.key);
		else if (actions[event.key] !== undefined) actions[event.key]!();
		else return;
		event.preventDefault();
	};
	const copy = (event: ClipboardEvent): void => {
		if (edit !== null) return;
		const { top, bottom, left, right } = range();
		event.clipboardData?.setData(
			'text/plain',
			formatBlock(
				rows
					.slice(top, bottom + 1)
					.map((one) =>
						columns.slice(left, right + 1).map((target) => show(target, one.values[target.name])),
					),
			),
		);
		event.preventDefault();
	};
	const pasted = (event: ClipboardEvent): void => {
		if (edit !== null || !mayEdit || event.target !== box.current) return;
		const text = event.clipboardData?.getData('text/plain') ?? '';
		event.preventDefault();
		if (/[\t\n]/.test(text.replace(/[\r\n]+$/, ''))) setBlock({ text });
		else if (text.trim() !== '') put(row?.key ?? null, column, text);
	};

	const first = Math.max(0, Math.floor(scroll / ROW) - SPARE),
		last = Math.min(total, Math.ceil((scroll + height) / ROW) + SPARE);
	const shown = [...Array(Math.max(0, last - first)).keys()].map((i) => i + first);
	const widths = widthsOf(columns, width - NUMBER - STATE),
		template = `${[NUMBER, ...widths, STATE].join('px ')}px`;
	const inRange = (r: number, c: number): boolean => {
		const { top, bottom, left, right } = range();
		return anchor !== null && r >= top && r <= bottom && c >= left && c <= right;
	};
	const problems = rows.flatMap((one, r) =>
		columns.flatMap((target, c) => {
			const text = errorOf(one, target);
			return text === null ? [] : [{ r, c, text, label: target.label }];
		}),
	);

	function errorOf(one: SheetRow, target: GridColumn): string | null {
		const local = wrong.get(cellName(one.key, target.name));
		if (local !== undefined) return local.error;
		const refused = one.unsaved?.errors.find((error) => error.column === target.name);
		return refused === undefined ? null : said(refused);
	}

	return (
		<div class="grid-part">
			{mayEdit && (
				<div class="grid-tools no-print">
					<Button
						small
						icon="plus"
						onClick={() => {
							moveTo({ row: rows.length, column: 0 });
							box.current!.focus();
						}}
					>
						{words.grid.addRow}
					</Button>
					<Button small icon="undo" disabled={sheet.steps === 0} onClick={sheet.undo}>
						{words.common.undo}
					</Button>
					<Button small icon="trash" disabled={row === null} onClick={removeRows}>
						{words.grid.removeRow}
					</Button>
					{props.actions}
				</div>
			)}
			{problems.length > 0 && (
				<div class="grid-problems" role="alert">
					<Icon name="warn" size={16} />
					<strong>{words.grid.problems(problems.length)}</strong>
					{problems.slice(0, 4).map((one) => (
						<button
							type="button"
							key={`${one.r}.${one.c}`}
							onClick={() => {
								moveTo({ row: one.r, column: one.c });
								box.current!.focus();
							}}
						>
							{words.grid.at(one.r + 1, one.label)}: {one.text}
						</button>
					))}
				</div>
			)}
			{block !== null && (
				<Paste
					key={block.name}
					block={block}
					columns={columns.filter((one) => one.readOnly !== true)}
					from={at.column}
					there={rows.map((one) => one.values)}
					close={() => {
						setBlock(null);
						props.taken?.();
						box.current!.focus();
					}}
					add={sheet.addMany}
				/>
			)}
			{row?.unsaved !== undefined && (
				<Meanwhile
					unsaved={row.unsaved}
					labels={(name) => columns.find((one) => one.name === name)?.label ?? name}
				/>
			)}
			<div
				class="grid-box"
				ref={box}
				role="grid"
				tabIndex={0}
				aria-label={props.label}
				aria-rowcount={total + 1}
				aria-colcount={columns.length + 2}
				aria-activedescendant={`cell-${at.row}-${at.column}`}
				aria-readonly={!mayEdit}
				onKeyDown={keyDown}
				onCopy={copy}
				onPaste={pasted}
				onScroll={(e) => setScroll(e.currentTarget.scrollTop)}
			>
				<div
					class="grid-row grid-head"
					role="row"
					aria-rowindex={1}
					style={{ gridTemplateColumns: template }}
				>
					<div role="columnheader" class="no">
						{words.grid.number}
					</div>
					{columns.map((one) => (
						<div
							role="columnheader"
							key={one.name}
							class={
								one.kind === 'number' || one.kind === 'money' || one.kind === 'points'
									? 'number'
									: ''
							}
						>
							<span>
								{one.label}
								{one.required && (
									<b class="must" title={words.common.required}>
										{' '}
										*
									</b>
								)}
							</span>
							{one.help !== undefined && (
								<button
									type="button"
									class="help-button"
									tabIndex={-1}
									aria-label={`${one.label}: ${one.help}`}
									title={one.help}
									onClick={() => setHelp(help === one.name ? null : one.name)}
								>
									<Icon name="help" size={14} />
								</button>
							)}
						</div>
					))}
					<div role="columnheader" class="state">
						{words.grid.state}
					</div>
				</div>
				{help !== null && <p class="grid-help">{columns.find((one) => one.name === help)?.help}</p>}
				<div style={{ height: `${first * ROW}px` }} />
				{shown.map((r) => {
					const one = rows[r];
					return (
						<div
							class={`grid-row${r === at.row ? ' now' : ''}${one === undefined ? ' fresh' : ''}`}
							role="row"
							key={one === undefined ? 'fresh' : JSON.stringify(one.key)}
							aria-rowindex={r + 2}
							style={{ gridTemplateColumns: template }}
						>
							<div class="no" role="rowheader">
								{one === undefined ? '+' : r + 1}
							</div>
							{columns.map((target, c) => {
								const here = r === at.row && c === at.column,
									error = one === undefined ? null : errorOf(one, target);
								const contested =
									one?.server?.state.contested?.includes(target.name) === true;
								const local =
									one === undefined ? undefined : wrong.get(cellName(one.key, target.name));
								return (
									<div
										role="gridcell"
										key={target.name}
										id={`cell-${r}-${c}`}
										aria-selected={here || inRange(r, c)}
										aria-invalid={error !== null}
										class={`cell ${target.kind}${here ? ' at' : ''}${inRange(r, c) ? ' in' : ''}${error === null ? '' : ' wrong'}${contested ? ' contested' : ''}`}
										onMouseDown={(e) => {
											if (edit !== null && here) return;
											e.preventDefault();
											box.current!.focus();
											moveTo({ row: r, column: c }, e.shiftKey);
										}}
										onMouseOver={(e) => {
											if (e.buttons === 1 && edit === null) {
												setAnchor(anchor ?? at);
												setAt({ row: r, column: c });
											}
										}}
										onDblClick={() => begin()}
									>
										{here && edit !== null ? (
											<CellEditor
												column={target}
												text={edit.text}
												whole={edit.whole}
												typing={typing}
												done={commit}
												cancel={() => {
													typing(null);
													setEdit(null);
													box.current!.focus();
												}}
											/>
										) : (
											<span class="shown">
												{local?.text ?? show(target, one?.values[target.name]) ?? ''}
												{one === undefined && c === 0 && (
													<span class="hint">{words.grid.typeHere}</span>
												)}
											</span>
										)}
										{error !== null && here && edit === null && (
											<span class="cell-error" role="tooltip">
												{error}
											</span>
										)}
									</div>
								);
							})}
							<div class="row-state" role="gridcell">
								{one !== undefined && <RowState row={one} table={table} />}
							</div>
						</div>
					);
				})}
				<div style={{ height: `${(total - last) * ROW}px` }} />
			</div>
			{mayEdit && <p class="tiny soft keys no-print">{words.grid.keys}</p>}
		</div>
	);
}
