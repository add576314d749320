// parts/basics.tsx - buttons, badges, notices, panels: what every page is made of.
import type { ComponentChildren, JSX } from 'preact';
import { Problem } from '../api.ts';
import type { Read } from '../store.ts';
import { language, said, words } from '../text/index.ts';
import { Icon, type IconName } from './icon.tsx';

export type Tone = 'plain' | 'good' | 'wait' | 'bad' | 'note';
const SIGN: Record<Tone, IconName> = {
	plain: 'info',
	good: 'tick',
	wait: 'clock',
	bad: 'warn',
	note: 'info',
};

type ButtonProps = {
	kind?: 'main' | 'plain' | 'quiet' | 'danger';
	icon?: IconName;
	busy?: string | false;
	children?: ComponentChildren;
	small?: boolean;
} & Omit<JSX.IntrinsicElements['button'], 'icon'>;

// busy: the words that say what goes on; the button waits meanwhile.
export function Button({ kind = 'plain', icon, busy, small, children, ...rest }: ButtonProps): JSX.Element {
	return (
		<button
			type="button"
			{...rest}
			class={`button ${kind}${small ? ' small' : ''} ${String(rest.class ?? '')}`}
			disabled={rest.disabled === true || typeof busy === 'string'}
		>
			{icon !== undefined && <Icon name={icon} size={small ? 15 : 18} />}
			{typeof busy === 'string' ? busy : children}
		</button>
	);
}

export function LinkButton({
	to,
	kind = 'plain',
	icon,
	small,
	children,
}: {
	to: string;
	kind?: 'main' | 'plain' | 'quiet';
	icon?: IconName;
	small?: boolean;
	children: ComponentChildren;
}): JSX.Element {
	return (
		<a href={to} class={`button ${kind}${small ? ' small' : ''}`}>
			{icon !== undefined && <Icon name={icon} size={small ? 15 : 18} />}
			{children}
		</a>
	);
}

export function Badge({
	tone = 'plain',
	icon,
	children,
	title,
}: {
	tone?: Tone;
	icon?: IconName | null;
	children: ComponentChildren;
	title?: string;
}): JSX.Element {
	return (
		<span class={`badge ${tone}`} title={title}>
			{icon !== null && <Icon name={icon ?? SIGN[tone]} size={14} />}
			{children}
		</span>
	);
}

export function Notice({
	tone = 'note',
	title,
	children,
	icon,
}: {
	tone?: Tone;
	title?: ComponentChildren;
	children?: ComponentChildren;
	icon?: IconName;
}): JSX.Element {
	return (
		<div class={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
			<Icon name={icon ?? SIGN[tone]} size={20} />
			<div class="grow">
				{title !== undefined && <strong>{title}</strong>}
				{children}
			</div>
		</div>
	);
}

export function Panel({
	title,
	actions,
	children,
	flush,
}: {
	title?: ComponentChildren;
	actions?: ComponentChildren;
	children: ComponentChildren;
	flush?: boolean;
}): JSX.Element {
	return (
		<section class={`panel${flush ? ' flush' : ''}`}>
			{(title !== undefined || actions !== undefined) && (
				<header>
					<h2>{title}</h2>
					<div class="actions">{actions}</div>
				</header>
			)}
			{children}
		</section>
	);
}

export function PageHead({
	title,
	intro,
	actions,
	back,
}: {
	title: ComponentChildren;
	intro?: ComponentChildren;
	actions?: ComponentChildren;
	back?: { to: string; label: string };
}): JSX.Element {
	return (
		<header class="page-head">
			<div class="grow">
				{back !== undefined && (
					<a class="back" href={back.to}>
						<Icon name="left" size={15} />
						{back.label}
					</a>
				)}
				<h1>{title}</h1>
				{intro !== undefined && <p class="soft">{intro}</p>}
			</div>
			{actions !== undefined && <div class="actions">{actions}</div>}
		</header>
	);
}

// An empty page says what to do first.
export function Empty({
	icon = 'info',
	title,
	children,
}: {
	icon?: IconName;
	title: ComponentChildren;
	children?: ComponentChildren;
}): JSX.Element {
	return (
		<div class="empty">
			<Icon name={icon} size={32} />
			<strong>{title}</strong>
			<div class="soft">{children}</div>
		</div>
	);
}

export function problemText(problem: Problem | Error): string {
	if (!(problem instanceof Problem)) return words.problem.fault;
	if (problem.code === 'unreachable') return words.problem.unreachable;
	return (
		[said(problem.advice), language === 'en' || problem.advice === null ? problem.detail : '']
			.filter((s) => s !== '')
			.join(' ') || problem.code
	);
}

export function ProblemNotice({
	problem,
	again,
}: {
	problem: Problem | Error;
	again?: () => void;
}): JSX.Element {
	return (
		<Notice tone="bad" title={words.problem.cannotRead}>
			<p>{problemText(problem)}</p>
			{again !== undefined && (
				<Button small onClick={again}>
					{words.common.retry}
				</Button>
			)}
		</Notice>
	);
}

// Shows what was read, or in words why it is not there yet.
export function Shown<T>({
	read,
	children,
}: {
	read: Read<T>;
	children: (value: T) => ComponentChildren;
}): JSX.Element {
	if (read.value !== undefined) return <>{children(read.value)}</>;
	if (read.problem !== undefined) return <ProblemNotice problem={read.problem} again={read.again} />;
	return (
		<p class="loading" role="status">
			{words.common.loading}
		</p>
	);
}

// A percentage as a bar with its number.
export function Bar({ percent, label, tone }: { percent: number; label?: string; tone?: Tone }): JSX.Element {
	return (
		<span class={`bar ${tone ?? ''}`} role="img" aria-label={label ?? `${percent} %`}>
			<span style={{ width: `${Math.max(0, Math.min(100, percent))}%` }} />
		</span>
	);
}

// One of a few ways to look at the same thing; the address says which.
export function Tabs<T extends string>({
	label,
	tabs,
	now,
	choose,
}: {
	label: string;
	tabs: readonly { name: T; label: ComponentChildren; count?: number }[];
	now: T;
	choose: (name: T) => void;
}): JSX.Element {
	return (
		<div class="tabs" role="group" aria-label={label}>
			{tabs.map((tab) => (
				<button
					type="button"
					key={tab.name}
					aria-pressed={tab.name === now}
					onClick={() => choose(tab.name)}
				>
					{tab.label}
					{tab.count !== undefined && <span class="count">{tab.count}</span>}
				</button>
			))}
		</div>
	);
}
