// wide.ts - whether there is room for a table, or cards are better.
import { useEffect, useState } from 'preact/hooks';

const query = window.matchMedia('(min-width: 701px)');

export function useWide(): boolean {
	const [wide, set] = useState(query.matches);
	useEffect(() => {
		const listener = (): void => set(query.matches);
		query.addEventListener('change', listener);
		return () => query.removeEventListener('change', listener);
	}, []);
	return wide;
}
