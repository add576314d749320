// parts/fields.tsx - fields of a form: label, help, what is wrong with it beside it.
import type { ComponentChildren, JSX, Ref } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { words } from '../text/index.ts';
import { Icon } from './icon.tsx';

let counter = 0;
function useId(): string {
	const [id] = useState(() => `f${++counter}`);
	return id;
}

export interface FieldProps {
	label: ComponentChildren;
	help?: ComponentChildren;
	error?: string | undefined;
	required?: boolean;
	aside?: ComponentChildren;
}

function Field({
	id,
	label,
	help,
	error,
	required,
	aside,
	children,
}: FieldProps & { id: string; children: ComponentChildren }): JSX.Element {
	return (
		<div class={`field${error === undefined ? '' : ' wrong'}`}>
			<div class="label">
				<label for={id}>
					{label}
					{required === false && <span class="soft"> ({words.common.optional})</span>}
				</label>
				{aside}
			</div>
			{help !== undefined && (
				<p class="help" id={`${id}-help`}>
					{help}
				</p>
			)}
			{children}
			{error !== undefined && (
				<p class="error" id={`${id}-error`}>
					<Icon name="warn" size={15} />
					{error}
				</p>
			)}
		</div>
	);
}

function described(id: string, props: FieldProps): Record<string, string | boolean | undefined> {
	const by = [props.help !== undefined && `${id}-help`, props.error !== undefined && `${id}-error`]
		.filter(Boolean)
		.join(' ');
	return {
		id,
		'aria-describedby': by === '' ? undefined : by,
		'aria-invalid': props.error !== undefined,
		'aria-required': props.required,
	};
}

type Typed = { value: string; change: (value: string) => void; done?: (value: string) => void };

export function TextField(
	props: FieldProps &
		Typed & {
			type?: string;
			autocomplete?: string;
			mono?: boolean;
			inputmode?: string;
			max?: number;
			disabled?: boolean;
			list?: string[];
			inputRef?: Ref<HTMLInputElement>;
		},
): JSX.Element {
	const id = useId();
	return (
		<Field id={id} {...props}>
			<input
				{...described(id, props)}
				ref={props.inputRef}
				type={props.type ?? 'text'}
				value={props.value}
				disabled={props.disabled}
				autocomplete={props.autocomplete ?? 'off'}
				inputMode={props.inputmode as 'text'}
				maxLength={props.max}
				class={props.mono ? 'mono' : ''}
				list={props.list === undefined ? undefined : `${id}-list`}
				onInput={(e) => props.change(e.currentTarget.value)}
				onBlur={(e) => props.done?.(e.currentTarget.value)}
			/>
			{props.list !== undefined && (
				<datalist id={`${id}-list`}>
					{props.list.map((v) => (
						<option key={v} value={v} />
					))}
				</datalist>
			)}
		</Field>
	);
}

export function PasswordField(props: FieldProps & Typed & { autocomplete: string }): JSX.Element {
	const id = useId(),
		[shown, show] = useState(false);
	return (
		<Field id={id} {...props}>
			<div class="joined">
				<input
					{...described(id, props)}
					type={shown ? 'text' : 'password'}
					value={props.value}
					autocomplete={props.autocomplete}
					onInput={(e) => props.change(e.currentTarget.value)}
				/>
				<button type="button" class="button plain" aria-pressed={shown} onClick={() => show(!shown)}>
					{shown ? words.login.hide : words.login.show}
				</button>
			</div>
		</Field>
	);
}

// Grows with what is in it.
export function Area({
	value,
	change,
	done,
	rows = 2,
	...rest
}: Typed & { rows?: number } & Record<string, unknown>): JSX.Element {
	const ref = useRef<HTMLTextAreaElement>(null);
	useEffect(() => {
		const area = ref.current!;
		area.style.height = 'auto';
		area.style.height = `${area.scrollHeight + 2}px`;
	}, [value]);
	return (
		<textarea
			{...rest}
			ref={ref}
			rows={rows}
			value={value}
			onInput={(e) => change(e.currentTarget.value)}
			onBlur={(e) => done?.(e.currentTarget.value)}
		/>
	);
}

export function AreaField(props: FieldProps & Typed & { rows?: number; disabled?: boolean }): JSX.Element {
	const id = useId();
	return (
		<Field id={id} {...props}>
			<Area
				{...described(id, props)}
				rows={props.rows ?? 2}
				value={props.value}
				change={props.change}
				disabled={props.disabled}
				{...(props.done === undefined ? {} : { done: props.done })}
			/>
		</Field>
	);
}

export interface Option {
	value: string;
	label: string;
	group?: string;
}

export function SelectField(
	props: FieldProps & {
		value: string;
		change: (value: string) => void;
		options: readonly Option[];
		empty?: string;
		disabled?: boolean;
	},
): JSX.Element {
	const id = useId();
	return (
		<Field id={id} {...props}>
			<Select
				{...described(id, props)}
				value={props.value}
				change={props.change}
				options={props.options}
				disabled={props.disabled}
				{...(props.empty === undefined ? {} : { empty: props.empty })}
			/>
		</Field>
	);
}

export function Select({
	value,
	change,
	options,
	empty,
	...rest
}: {
	value: string;
	change: (value: string) => void;
	options: readonly Option[];
	empty?: string;
} & Record<string, unknown>): JSX.Element {
	return (
		<select {...rest} value={value} onChange={(e) => change(e.currentTarget.value)}>
			{empty !== undefined && <option value="">{empty}</option>}
			{value !== '' && !options.some((o) => o.value === value) && (
				<option value={value}>{words.common.unknownName(value)}</option>
			)}
			{options.map((o) => (
				<option key={o.value} value={o.value}>
					{o.label}
				</option>
			))}
		</select>
	);
}

export function CheckField({
	label,
	checked,
	change,
	disabled,
}: {
	label: ComponentChildren;
	checked: boolean;
	change: (checked: boolean) => void;
	disabled?: boolean;
}): JSX.Element {
	return (
		<label class="check">
			<input
				type="checkbox"
				checked={checked}
				disabled={disabled}
				onChange={(e) => change(e.currentTarget.checked)}
			/>
			<span>{label}</span>
		</label>
	);
}

export interface SummaryError {
	label: string;
	text: string;
}

// What is wrong, on top of a form, once more.
export function ErrorSummary({
	title,
	errors,
}: {
	title: string;
	errors: readonly SummaryError[];
}): JSX.Element | null {
	const ref = useRef<HTMLDivElement>(null);
	useEffect(() => ref.current?.focus(), [errors.length]);
	return errors.length === 0 ? null : (
		<div class="notice bad" role="alert" tabIndex={-1} ref={ref}>
			<Icon name="warn" size={20} />
			<div>
				<strong>{title}</strong>
				<ul>
					{errors.map((e) => (
						<li key={e.label}>
							{e.label}: {e.text}
						</li>
					))}
				</ul>
			</div>
		</div>
	);
}
