// text/index.ts - the words of the language that was chosen.  Indonesian first; every sentence is in both files.
import type { Words2 } from '../api.ts';
import { en } from './en.ts';
import { id } from './id.ts';

type Wide<T> = T extends string ? string : T extends (...a: infer A) => string ? (...a: A) => string
	: T extends readonly string[] ? readonly string[] : { [K in keyof T]: Wide<T[K]> };
export type Words = Wide<typeof id>;

export let words: Words = id;
export let language: 'id' | 'en' = 'id';

export function setLanguage(to: string): void {
	language = to === 'en' ? 'en' : 'id';
	words = language === 'en' ? en : id;
	document.documentElement.lang = language;
}

// What the node or the workspace says in two languages.
export const said = (text: Words2 | null | undefined): string => text?.[language] ?? '';
