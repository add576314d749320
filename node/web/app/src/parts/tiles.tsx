// parts/tiles.tsx - regions as tiles, province by province: a map without outlines, in which a small city is as large as a
// large one.  One stop of the Tab key; arrows go from tile to tile, Enter opens one.
import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';

export interface Tile {
	code: string;
	name: string;
	level: 0 | 1 | 2 | 3 | 4 | 5 | 'none';
	sign: string;
	said: string;
	to: string;
}
export interface TileGroup {
	code: string;
	name: string;
	tiles: Tile[];
}

// The nearest tile in that direction, by what is on the screen.
function neighbour(from: HTMLElement, all: HTMLElement[], key: string): HTMLElement | undefined {
	const at = from.getBoundingClientRect(),
		i = all.indexOf(from);
	if (key === 'ArrowRight' || key === 'ArrowLeft') return all[i + (key === 'ArrowRight' ? 1 : -1)];
	const down = key === 'ArrowDown';
	let best: HTMLElement | undefined,
		distance = Infinity;
	for (const one of all) {
		const box = one.getBoundingClientRect(),
			dy = (box.top - at.top) * (down ? 1 : -1);
		const far = dy * 4 + Math.abs(box.left - at.left);
		if (dy > 4 && far < distance) [best, distance] = [one, far];
	}
	return best;
}

export function Tiles({
	groups,
	label,
	hint,
}: {
	groups: TileGroup[];
	label: string;
	hint: string;
}): JSX.Element {
	const root = useRef<HTMLDivElement>(null);
	const first = groups[0]?.tiles[0]?.code ?? '';
	const [stop, setStop] = useState(first),
		[shown, setShown] = useState<Tile | null>(null);
	const known = groups.some((group) => group.tiles.some((tile) => tile.code === stop)) ? stop : first;
	const move = (event: KeyboardEvent): void => {
		if (!event.key.startsWith('Arrow')) return;
		const all = [...root.current!.querySelectorAll<HTMLElement>('a.tile')];
		const to = neighbour(event.target as HTMLElement, all, event.key);
		event.preventDefault();
		to?.focus();
	};
	return (
		<div>
			<p class="tile-said" aria-live="polite">
				{shown === null ? (
					hint
				) : (
					<>
						<strong>{shown.name}</strong> · {shown.said}
					</>
				)}
			</p>
			<div
				class="tiles"
				ref={root}
				role="group"
				aria-label={label}
				onKeyDown={move}
				onMouseLeave={() => setShown(null)}
			>
				{groups.map((group) => (
					<section key={group.code} aria-label={group.name}>
						<h3>{group.name}</h3>
						<div>
							{group.tiles.map((tile) => (
								<a
									key={tile.code}
									href={tile.to}
									class={`tile l${tile.level}`}
									tabIndex={tile.code === known ? 0 : -1}
									aria-label={`${tile.name}: ${tile.said}`}
									onMouseEnter={() => setShown(tile)}
									onFocus={() => {
										setShown(tile);
										setStop(tile.code);
									}}
								>
									{tile.sign}
								</a>
							))}
						</div>
					</section>
				))}
			</div>
		</div>
	);
}
