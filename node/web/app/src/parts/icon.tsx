// parts/icon.tsx - the few signs of the app; each always stands with a word.
import type { JSX } from 'preact';

const PATHS = {
	home: 'M3 9.5 10 4l7 5.5V17h-5v-4.5H8V17H3z',
	sheet: 'M3 4h14v12H3zM3 8h14M3 12h14M8 4v12',
	board: 'M3 3h6v6H3zM11 3h6v6h-6zM3 11h6v6H3zM11 11h6v6h-6z',
	road: 'M3 5h8M6 10h9M9 15h8',
	star: 'M10 3l2.1 4.6 5 .5-3.8 3.3 1.2 4.9L10 13.7l-4.5 2.6 1.2-4.9L2.9 8.1l5-.5z',
	book: 'M4 4h5a2 2 0 0 1 1 2v10a2 2 0 0 0-1.5-1H4zM16 4h-5a2 2 0 0 0-1 2v10a2 2 0 0 1 1.5-1H16z',
	comment: 'M3 4h14v9H9l-4 3.5V13H3z',
	check: 'M4 10.5l4 4 8-9',
	ring: 'M10 3.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13',
	tick: 'M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15M6.5 10l2.5 2.5 4.5-5',
	list: 'M3 5l1.5 1.5L7 4M3 11l1.5 1.5L7 10M10 5.5h7M10 11.5h7',
	split: 'M10 17v-5M10 12L4 5M10 12l6-7M4 9V5h4M16 9V5h-4',
	warn: 'M10 3L2.5 16.5h15zM10 8v4M10 14.2v.3',
	info: 'M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15M10 9v5M10 6v.3',
	clock: 'M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15M10 6v4.3l3 1.7',
	away: 'M3 3l14 14M5.5 8A7 7 0 0 1 8 7M12 7a7 7 0 0 1 2.5 1M8 11.5a3 3 0 0 1 4 0M10 15v.3M2.5 5.5l1-.7M17.5 5.5A11 11 0 0 0 9 2.6',
	send: 'M3 10l14-6-4 13-3.5-5.5zM9.5 11.5L17 4',
	receipt: 'M5 2.5h10v15l-2.5-1.5-2.5 1.5-2.5-1.5L5 17.5zM7.5 7h5M7.5 10.5h5',
	plus: 'M10 4v12M4 10h12',
	trash: 'M4 6h12M8 6V4h4v2M5.5 6l.7 10.5h7.6L14.5 6',
	undo: 'M7 4L3.5 7.5 7 11M3.5 7.5H12a4 4 0 0 1 0 8.5H8',
	edit: 'M4 16l.7-3.5L13.5 3.7l2.8 2.8-8.8 8.8z',
	close: 'M5 5l10 10M15 5L5 15',
	right: 'M8 5l5 5-5 5',
	left: 'M12 5l-5 5 5 5',
	down: 'M5 8l5 5 5-5',
	menu: 'M3 5h14M3 10h14M3 15h14',
	user: 'M10 3a3.2 3.2 0 1 0 0 6.5A3.2 3.2 0 0 0 10 3M3.5 17c.5-3.5 3-5.5 6.5-5.5s6 2 6.5 5.5',
	history: 'M3.5 5v4h4M3.8 9A6.7 6.7 0 1 1 3.3 12M10 6.5V10l2.5 1.5',
	help: 'M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15M8 8a2 2 0 1 1 2.7 2c-.5.3-.7.7-.7 1.3M10 14v.3',
	search: 'M8.5 3a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M12.5 12.5L17 17',
	print: 'M6 7V3h8v4M6 13H3V7h14v6h-3M6 11h8v6H6z',
	clip: 'M15 9.5l-5.3 5.3a3.3 3.3 0 0 1-4.7-4.7l6-6a2.2 2.2 0 0 1 3.1 3.1l-5.8 5.8a1.1 1.1 0 0 1-1.6-1.500L11.5 6.7',
	table: 'M3 4h14v12H3zM3 8h14',
	shield: 'M10 2.5l6 2.2v4.6c0 3.7-2.5 6.7-6 8.2-3.5-1.5-6-4.5-6-8.2V4.7z',
} as const;
export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }): JSX.Element {
	return (
		<svg
			class="icon"
			width={size}
			height={size}
			viewBox="0 0 20 20"
			fill="none"
			stroke="currentColor"
			stroke-width="1.6"
			stroke-linecap="round"
			stroke-linejoin="round"
			aria-hidden="true"
		>
			<path d={PATHS[name]} />
		</svg>
	);
}

// A knot: two cords that hold each other.
export function Logo({ size = 26 }: { size?: number }): JSX.Element {
	return (
		<svg
			width={size}
			height={size}
			viewBox="0 0 32 32"
			fill="none"
			stroke-linecap="round"
			stroke-width="3.2"
			aria-hidden="true"
		>
			<path stroke="var(--teal-600)" d="M3 12h8.5c5.5 0 5.5 8 11 8H29" />
			<path stroke="var(--paper)" stroke-width="6.4" d="M9.5 20c7.5 0 6-8 13-8" />
			<path stroke="var(--teal-900)" d="M3 20h7c7 0 5.5-8 12-8H29" />
			<path
				stroke="var(--paper)"
				stroke-width="6"
				d="M13.2 12.6c1.5.9 2.2 2.3 3 3.6"
				stroke-linecap="butt"
			/>
			<path stroke="var(--teal-600)" d="M10.5 12h1c2.2 0 3.5 1.3 4.5 2.9l1.2 2" />
		</svg>
	);
}
