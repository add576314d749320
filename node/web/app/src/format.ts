// format.ts - numbers, money, dates and times as people here write them.
//
// Indonesia has three zones without summer time, so a region's time is UTC plus 7, 8 or 9 hours, whatever the
// computer's own zone is set to.
import { words } from './text/index.ts';

export type Zone = 'WIB' | 'WITA' | 'WIT';
const HOURS: Record<Zone, number> = { WIB: 7, WITA: 8, WIT: 9 };
let zone: Zone = 'WIB';

export function setZone(to: string | null | undefined): void {
	zone = to === 'WITA' || to === 'WIT' ? to : 'WIB';
}

export function getZone(): Zone {
	return zone;
}

const two = (n: number): string => String(n).padStart(2, '0');

export function number(value: number, decimals = 0): string {
	const [whole = '', part] = Math.abs(value).toFixed(decimals).split('.');
	const grouped = whole.replace(/\B(?=(\d{3})+$)/g, words.format.thousands);
	return (value < 0 ? '−' : '') + grouped + (part === undefined ? '' : words.format.decimal + part);
}

export const rupiah = (value: number): string => `Rp ${number(value)}`;

// Rp 1,25 miliar: where a column is narrow.
export function rupiahShort(value: number): string {
	const steps: [number, string][] = [
		[1e12, words.format.trillion],
		[1e9, words.format.billion],
		[1e6, words.format.million],
	];
	for (const [size, word] of steps)
		if (value >= size)
			return `Rp ${number(value / size, value % size === 0 ? 0 : value % (size / 10) === 0 ? 1 : 2)} ${word}`;
	return rupiah(value);
}

export const percent = (value: number, decimals = 0): string => `${number(value, decimals)} %`;

export function bytes(value: number): string {
	const units = ['B', 'kB', 'MB', 'GB'];
	let unit = 0;
	for (; value >= 1000 && unit < 3; unit++) value /= 1000;
	return `${number(value, unit > 0 && value < 10 ? 1 : 0)} ${units[unit]}`;
}

// What somebody typed: 1.250.000, 1250000, 12,5.  NaN if it is no number.
export function parseNumber(text: string): number {
	const bare = text
		.replace(/^\s*rp\.?\s*/i, '')
		.replace(/%\s*$/, '')
		.replace(/[\s ]/g, '');
	const plain = /^-?\d{1,3}(\.\d{3})+(,\d+)?$/.test(bare) ? bare.replace(/\./g, '') : bare;
	return /^-?\d+([.,]\d+)?$/.test(plain) ? Number(plain.replace(',', '.')) : NaN;
}

interface Moment {
	year: number;
	month: number;
	day: number;
	weekday: number;
	hour: number;
	minute: number;
}

function moment(at: string | number, inZone: Zone): Moment | null {
	const ms = typeof at === 'number' ? at : Date.parse(at);
	if (Number.isNaN(ms)) return null;
	const d = new Date(ms + HOURS[inZone] * 3600e3);
	return {
		year: d.getUTCFullYear(),
		month: d.getUTCMonth(),
		day: d.getUTCDate(),
		weekday: d.getUTCDay(),
		hour: d.getUTCHours(),
		minute: d.getUTCMinutes(),
	};
}

export function clock(at: string | number, inZone: Zone = zone): string {
	const m = moment(at, inZone);
	return m === null ? '' : two(m.hour) + words.format.clock + two(m.minute);
}

// Kamis, 7 September 2023 14.05 WIB
export function dateTime(at: string | number, inZone: Zone = zone): string {
	const m = moment(at, inZone);
	return m === null
		? ''
		: `${words.format.days[m.weekday]}, ${m.day} ${words.format.months[m.month]} ${m.year} ${clock(at, inZone)} ${inZone}`;
}

// The same in the region's zone and, where that is another, in WIB, in which the centre counts.
export function dateTimeBoth(at: string): string {
	return zone === 'WIB' ? dateTime(at) : `${dateTime(at, 'WIB')} (${clock(at)} ${zone})`;
}

// A date without a time: 2023-09-07.
export function date(day: string, long = false): string {
	const [y = NaN, m = NaN, d = NaN] = day.slice(0, 10).split('-').map(Number);
	const utc = Date.UTC(y, m - 1, d);
	if (Number.isNaN(utc)) return day;
	const text = `${d} ${(long ? words.format.months : words.format.shortMonths)[m - 1]} ${y}`;
	return long ? `${words.format.days[new Date(utc).getUTCDay()]}, ${text}` : text;
}

// 7/9/2023, 7-9-23, 7 September 2023, 2023-09-07: as 2023-09-07; null if it is none.
export function parseDate(text: string): string | null {
	const clean = text.trim().toLowerCase();
	const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(clean);
	const local = /^(\d{1,2})[\s/.-]+(\d{1,2}|[a-z]+)[\s/.-]+(\d{2}|\d{4})$/.exec(clean);
	let parts: (number | undefined)[];
	if (iso !== null) parts = [Number(iso[1]), Number(iso[2]), Number(iso[3])];
	else if (local !== null)
		parts = [
			Number(local[3]!.length === 2 ? `20${local[3]}` : local[3]),
			monthOf(local[2]!),
			Number(local[1]),
		];
	else return null;
	const [y = NaN, m = NaN, d = NaN] = parts;
	const made = new Date(Date.UTC(y, m - 1, d));
	return made.getUTCMonth() === m - 1 && made.getUTCDate() === d ? `${y}-${two(m)}-${two(d)}` : null;
}

function monthOf(text: string): number {
	if (/^\d+$/.test(text)) return Number(text);
	const at = words.format.months.findIndex((month) => month.toLowerCase().startsWith(text));
	return text.length >= 3 && at >= 0 ? at + 1 : NaN;
}

// "10.42" today, "Selasa 14.05" within a week, else "7 Sep 2023".
export function when(at: string | number, now = Date.now()): string {
	const then = moment(at, zone),
		today = moment(now, zone);
	if (then === null || today === null) return '';
	const ms = typeof at === 'number' ? at : Date.parse(at);
	if (then.year === today.year && then.month === today.month && then.day === today.day) return clock(at);
	if (Math.abs(now - ms) < 6 * 86400e3) return `${words.format.days[then.weekday]} ${clock(at)}`;
	return `${then.day} ${words.format.shortMonths[then.month]} ${then.year}`;
}

// "3 hari 4 jam", the two greatest units of a length of time.
export function span(ms: number): string {
	const minutes = Math.floor(Math.abs(ms) / 60e3),
		hours = Math.floor(minutes / 60),
		days = Math.floor(hours / 24);
	if (days > 0)
		return (
			words.format.days_(days) +
			(days < 14 && hours % 24 > 0 ? ` ${words.format.hours_(hours % 24)}` : '')
		);
	if (hours > 0)
		return (
			words.format.hours_(hours) + (minutes % 60 > 0 ? ` ${words.format.minutes_(minutes % 60)}` : '')
		);
	return words.format.minutes_(minutes);
}
