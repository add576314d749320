// parts/editor.tsx - the field in which one cell is typed: text, long text that grows over its neighbours, or a choice.
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { parse, type GridColumn } from '../cells.ts';
import { words } from '../text/index.ts';

export type Move = 'stay' | 'down' | 'up' | 'right' | 'left';

interface EditorProps {
	column: GridColumn;
	text: string;
	whole: boolean;
	typing: (text: string) => void;
	done: (text: string, move: Move) => void;
	cancel: () => void;
}

// whole: what was there is edited (F2); else typing has replaced it, and the arrows go on to the next cell.
export function CellEditor(props: EditorProps): JSX.Element {
	return props.column.kind === 'choice' ? <ChoiceEditor {...props} /> : <TextEditor {...props} />;
}

function TextEditor({ column, text, whole, typing, done, cancel }: EditorProps): JSX.Element {
	const [value, setValue] = useState(text),
		ref = useRef<HTMLTextAreaElement>(null),
		over = useRef(false);
	useLayoutEffect(() => {
		// before the next key comes: who types fast loses no letter
		const area = ref.current!;
		area.focus();
		area.setSelectionRange(area.value.length, area.value.length);
	}, []);
	useEffect(() => {
		const area = ref.current!;
		area.style.height = 'auto';
		area.style.height = `${area.scrollHeight + 2}px`;
	}, [value]);
	const finish = (move: Move): void => {
		over.current = true;
		done(value, move);
	};
	const key = (event: KeyboardEvent): void => {
		const arrows: Record<string, Move> = whole ? {} : { ArrowUp: 'up', ArrowDown: 'down' };
		if (event.key === 'Enter' && event.altKey) {
			setValue(`${value}\n`);
		} else if (event.key === 'Enter' && !(column.kind === 'long' && event.shiftKey)) finish('down');
		else if (event.key === 'Tab') finish(event.shiftKey ? 'left' : 'right');
		else if (event.key === 'Escape') {
			over.current = true;
			cancel();
		} else if (arrows[event.key] !== undefined) finish(arrows[event.key]!);
		else {
			event.stopPropagation();
			return;
		}
		event.preventDefault();
		event.stopPropagation();
	};
	const parsed = value.trim() === '' ? { value: null } : parse(column, value);
	return (
		<div class={`cell-editor ${column.kind}`}>
			<textarea
				ref={ref}
				rows={1}
				value={value}
				aria-label={column.label}
				aria-invalid={parsed.error !== undefined}
				inputMode={
					column.kind === 'number' || column.kind === 'money' || column.kind === 'points'
						? 'decimal'
						: 'text'
				}
				onInput={(e) => {
					setValue(e.currentTarget.value);
					typing(e.currentTarget.value);
				}}
				onKeyDown={key}
				onBlur={() => {
					if (!over.current) finish('stay');
				}}
			/>
			{column.kind === 'date' && <span class="under">{words.grid.dateHint}</span>}
			{column.kind === 'long' && <span class="under">{words.grid.longHint}</span>}
		</div>
	);
}

function ChoiceEditor({ column, text, whole, typing, done, cancel }: EditorProps): JSX.Element {
	const [value, setValue] = useState(text),
		[touched, setTouched] = useState(!whole),
		[at, setAt] = useState(-1);
	const ref = useRef<HTMLInputElement>(null),
		over = useRef(false),
		[up, setUp] = useState(false);
	const wanted = value.trim().toLowerCase(),
		alias = column.aliases.get(wanted);
	const fits =
		touched && wanted !== ''
			? column.options.filter(
					(o) =>
						o.label.toLowerCase().includes(wanted) ||
						o.value.toLowerCase() === wanted ||
						o.value === alias,
				)
			: column.options;
	const now =
		at >= 0 ? at : touched && fits.length > 0 ? 0 : column.options.findIndex((o) => o.label === value);
	useLayoutEffect(() => {
		ref.current!.focus();
		if (whole) ref.current!.select();
	}, []);
	useLayoutEffect(() => {
		// where there is no room below, the list opens upwards
		const list = ref.current!.nextElementSibling!.getBoundingClientRect(),
			box = ref.current!.closest('.grid-box')!.getBoundingClientRect();
		setUp(list.bottom > box.bottom && ref.current!.getBoundingClientRect().top - list.height > box.top);
	}, []);
	const finish = (chosen: string, move: Move): void => {
		over.current = true;
		done(chosen, move);
	};
	const best = (): string => (value.trim() === '' ? '' : (fits[now]?.label ?? value));
	const key = (event: KeyboardEvent): void => {
		event.stopPropagation();
		if (event.key === 'ArrowDown' || event.key === 'ArrowUp')
			setAt(Math.max(0, Math.min(fits.length - 1, now + (event.key === 'ArrowDown' ? 1 : -1))));
		else if (event.key === 'Enter') finish(at >= 0 ? fits[at]!.label : best(), 'down');
		else if (event.key === 'Tab')
			finish(at >= 0 ? fits[at]!.label : best(), event.shiftKey ? 'left' : 'right');
		else if (event.key === 'Escape') {
			over.current = true;
			cancel();
		} else return;
		event.preventDefault();
	};
	return (
		<div class={`cell-editor choice${up ? ' up' : ''}`}>
			<input
				ref={ref}
				value={value}
				role="combobox"
				aria-expanded="true"
				aria-controls="cell-options"
				aria-label={column.label}
				autocomplete="off"
				aria-activedescendant={now >= 0 ? `option-${now}` : undefined}
				onInput={(e) => {
					setValue(e.currentTarget.value);
					typing(e.currentTarget.value);
					setTouched(true);
					setAt(-1);
				}}
				onKeyDown={key}
				onBlur={() => {
					if (!over.current) finish(at >= 0 ? fits[at]!.label : best(), 'stay');
				}}
			/>
			<ul id="cell-options" role="listbox">
				{fits.map((option, i) => (
					<li
						key={option.value}
						id={`option-${i}`}
						role="option"
						aria-selected={i === now}
						onMouseDown={(e) => {
							e.preventDefault();
							e.stopPropagation();
							finish(option.label, 'stay');
						}}
					>
						{option.label}
					</li>
				))}
				{fits.length === 0 && <li class="soft">{words.grid.noChoice}</li>}
			</ul>
		</div>
	);
}
