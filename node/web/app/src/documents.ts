// documents.ts - files that belong to rows: photos and scans, made smaller where that loses nothing that matters.
import { api, newId, type Values } from './api.ts';
import { scope, userName } from './session.ts';

const PHOTO_PIXELS = 1600; // the longer side: enough for print, and a tenth of what a phone makes

// A photo loses its place and its camera with its size; who wants the original kept sends it as it is.
export async function smaller(file: File): Promise<File> {
	if (!/^image\/(jpeg|png|webp)$/.test(file.type)) return file;
	const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
	const scale = Math.min(1, PHOTO_PIXELS / Math.max(picture.width, picture.height));
	if (scale === 1 && file.size < 600e3) return file;
	const canvas = document.createElement('canvas');
	canvas.width = Math.round(picture.width * scale);
	canvas.height = Math.round(picture.height * scale);
	canvas.getContext('2d')!.drawImage(picture, 0, 0, canvas.width, canvas.height);
	const made = await new Promise<Blob | null>((done) => {
		canvas.toBlob(done, 'image/jpeg', 0.82);
	});
	return made === null || made.size >= file.size
		? file
		: new File([made], file.name.replace(/\.\w+$/, '.jpg'), { type: 'image/jpeg' });
}

// The file goes to the node first; the document that names it follows.  The id of the document.
export async function addDocument(
	file: File,
	kind: string,
	title: string,
	told?: (done: number) => void,
): Promise<string> {
	const stored = await api.upload(file, file.type, told),
		id = newId();
	const values: Values = {
		scope: scope(),
		id,
		kind,
		title,
		file_name: file.name,
		media_type: stored.media_type,
		byte_size: stored.byte_size,
		sha256: stored.sha256,
		added_by: userName(),
		added_ts: new Date().toISOString().replace(/\.\d+/, ''),
	};
	await api.insert('document', values);
	return id;
}

export async function linkDocument(
	documentId: string,
	kind: string,
	owner: string,
	purpose: string | null,
): Promise<void> {
	await api.insert('document_link', {
		scope: scope(),
		document_id: documentId,
		owner_kind: kind,
		owner_id: owner,
		purpose,
	});
}
