// pages/receipt.tsx - a receipt as a document that people file: what, when, in time or late, and the proof.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { api } from '../api.ts';
import { download } from '../download.ts';
import { clock, dateTime, type Zone } from '../format.ts';
import { Badge, Button, Logo, PageHead, Shown } from '../parts/index.ts';
import { Qr } from '../parts/qr.tsx';
import type { PageProps } from './index.ts';
import { useRead, useRows } from '../store.ts';
import { said, words } from '../text/index.ts';
import { TONE } from './hub_submissions.tsx';
import { regionTitle, type Submission } from '../hub.ts';

interface Receipt extends Submission {
	number: string | null; hub_key: string | null; proof: string | null;
	log: { origin: string; index: number; size: number } | null; files: { present?: number; of: number };
	about?: { id: string; en: string } | null;
}

const QR_BYTES = 1700;

// "ab12 cd34 ...": read aloud and compared in groups of four.
const grouped = (hex: string): string => hex.replace(/(.{4})(?=.)/g, '$1 ');

function Times({ at, zone }: { at: string; zone: Zone }): JSX.Element {
	return <>{dateTime(at, 'WIB')}{zone !== 'WIB' && <span class="soft"> ({clock(at, zone)} {zone}, {words.receipt.local})</span>}</>;
}

const fileOf = (receipt: Receipt): string => `tanda-terima-${(receipt.number ?? receipt.id).replace(/[^\w.-]+/g, '-')}.txt`;

function Paper({ receipt }: { receipt: Receipt }): JSX.Element {
	const region = useRows('region', { code: receipt.scope }).value?.[0]?.values, books = useRows('book_template');
	const title = said(receipt.about) || String(books.value?.find((row) => row.values['code'] === receipt.code)?.values['title_id'] ?? `${receipt.object} ${receipt.code}`);
	const zone = (region?.['tz'] ?? 'WIB') as Zone, t = words.receipt;
	return (
		<article class="paper">
			<header><Logo /><h1>{receipt.received_at == null ? words.submit.draft : t.title}</h1>{receipt.number !== null && <span class="mono">{receipt.number}</span>}</header>
			<dl>
				<dt>{t.region}</dt><dd class="big">{region === undefined ? receipt.scope : regionTitle(region)}</dd>
				<dt>{t.object}</dt><dd class="big">{title}, {words.submit.version(receipt.version)}</dd>
				<dt>{t.sealed}</dt><dd><Times at={receipt.sealed_at} zone={zone} /> {t.by} {receipt.sealed_by}</dd>
				<dt>{t.receivedAt}</dt><dd>{receipt.received_at == null ? t.notReceived : <strong><Times at={receipt.received_at} zone={zone} /></strong>}</dd>
				{receipt.due_at != null && <><dt>{t.due}</dt><dd><Times at={receipt.due_at} zone={zone} /></dd></>}
				{receipt.timeliness != null && <><dt>{t.timeliness}</dt><dd><Badge tone={TONE[receipt.timeliness] ?? 'note'}>{words.hub.timeliness[receipt.timeliness]}</Badge></dd></>}
				<dt>{t.files}</dt><dd>{receipt.files.of === 0 ? t.noFiles : t.filesOf(receipt.files.present ?? 0, receipt.files.of)}</dd>
				<dt>{t.hash}</dt><dd class="hash">{grouped(receipt.manifest_sha256)}</dd>
				{receipt.log !== null && <><dt>{t.log}</dt><dd>{receipt.log.origin} · {t.logOf(receipt.log.index, receipt.log.size)}</dd></>}
				{receipt.hub_key !== null && <><dt>{t.hubKey}</dt><dd class="hash">{grouped(receipt.hub_key)}</dd></>}
			</dl>
			{receipt.proof !== null && (
				<section class="proof">
					<div><h2>{t.proof}</h2><p class="small soft">{t.verify}</p><pre>{receipt.proof}</pre></div>
					{receipt.proof.length <= QR_BYTES && <Qr text={receipt.proof} label={t.proof} />}
				</section>
			)}
			<p class="tiny soft">{t.seal}</p>
		</article>
	);
}

export default function ReceiptPage({ parts }: PageProps): JSX.Element {
	const id = parts[0] ?? '', [small, setSmall] = useState(false);
	const read = useRead(`receipt/${id}`, ['submission'], () => api.get<Receipt>(`/submissions/${encodeURIComponent(id)}/receipt`));
	useEffect(() => {
		document.documentElement.classList.toggle('print-a6', small);
		return () => document.documentElement.classList.remove('print-a6');
	}, [small]);
	const printAs = (a6: boolean): void => {
		setSmall(a6);
		setTimeout(() => window.print(), 50);
	};
	return (
		<div class="stack">
			<div class="no-print"><PageHead title={words.receipt.title} back={{ to: '/penyampaian', label: words.receipt.back }} actions={
				<>
					{read.value?.proof != null && <Button small icon="receipt" onClick={() => download(fileOf(read.value!), new Blob([read.value!.proof ?? ''], { type: 'text/plain' }))}>{words.receipt.download}</Button>}
					<Button small icon="print" onClick={() => printAs(false)}>{words.receipt.print}</Button>
					<Button small icon="print" onClick={() => printAs(true)}>{words.receipt.printSmall}</Button>
				</>
			} /></div>
			<Shown read={read}>{(receipt) => <Paper receipt={receipt} />}</Shown>
		</div>
	);
}
