// text/en_hub.ts - words of the pages of the centre, in English: the keys of id_hub.ts.
import type { Words } from './index.ts';

export const hub: Words['hub'] = {
	title: 'All regions', intro: (n) => `${n} regions in this cohort; figures come by themselves as regions send.`,
	cohort: 'Cohort', whole: 'All of Indonesia', colourBy: 'Colour by', map: 'Tile map', table: 'Table', download: 'Download CSV',
	measures: { stage: 'Stage', submitted: 'Submissions', obligations: 'Obligations', percent: 'Quick wins, average', contact: 'Last contact' },
	notJoined: 'not in the cohort', noNews: 'no news yet', notEnrolled: 'not enrolled', notBegun: 'not begun',
	stageShort: (n) => `Stage ${n}`, obligationsOf: (n) => `${n} of 3`, daysAgo: (n) => (n === 0 ? 'today' : n === 1 ? '1 day ago' : `${n} days ago`),
	received: (n, all) => `${n} of ${all} received`, legend: 'What the colours mean', province: 'Province', regionsN: (n) => `${n} regions`,
	columns: {
		region: 'Region', code: 'Code', stage: 'Stage', units: 'Units', issues: 'Issues', programmes: 'Programmes', quickWins: 'Quick wins', percent: 'Average', obligations: 'Obligations',
		received: 'Submissions', contact: 'Last contact',
	},
	expected: 'Expected', receivedN: 'Received', onTime: 'On time', inGrace: 'In grace', lateN: 'Late', missingN: 'Missing',
	submissions: 'Submissions', submissionsIntro: 'Expected, received and on time, by deadline. Times are when the centre received it, not what a laptop’s clock said.',
	due: 'Deadline', whoMissing: 'Who has not submitted', allIn: 'All have submitted.', extension: 'Extend', extended: 'extended', reason: 'Reason for the extension',
	reasonHelp: 'Every region sees it.', until: 'Until', untilHelp: '23.59 WIB', extend: 'Save the extension', never: 'never signed in', copy: 'Copy for WhatsApp', copied: 'Copied',
	message: (what) => `Regions that have not submitted ${what}:`,
	timeliness: { on_time: 'On time', in_grace: 'In the grace period', late: 'Late' }, waitingReceipt: 'waits for its receipt',
	ranking: 'Quick wins of all regions', rankingIntro: 'By the percentage that the region states; what it rests on stands beside it.', basis: { declared: 'stated', milestones: 'from milestones', verified: 'verified' },
	noQuickWins: 'No quick wins yet', noQuickWinsText: 'They appear as regions send them.', milestones: 'Milestones', asOf: 'As of', dimension: 'Dimension',
	offices: 'Devices and enrolment', officesIntro: 'Laptops that may send. The six words of the fingerprint are compared by telephone.', fingerprint: 'Fingerprint',
	asking: 'Waiting for approval', noneAsking: 'Nobody waits.', approve: 'Approve', refuse: 'Refuse', compare: 'Have the region read these six words to you. Approve only if all are the same.',
	device: 'Device', role: 'Role', lastContact: 'Last contact', lastChangeset: 'Last sent', changesets: 'Changesets', quarantined: 'To be examined', version: 'Version', clock: 'Clock differs by', revoked: 'revoked',
	minutes: (n) => `${n} min`, invite: 'Invite a region', inviteFor: 'For the region', inviteMake: 'Make an invitation', inviteText: 'The invitation works once, for 24 hours. Treat it like a password.',
	noOffices: 'No devices yet', noOfficesText: 'Invite a region, or wait until one asks.',
	region: { overview: 'Overview', books: 'Submissions', quickWins: 'Quick wins', deadlines: 'Deadlines', none: 'None yet', devices: 'Devices' },
	review: { title: 'Review of a submission', outcome: 'Outcome', summary: 'Summary for the region', send: 'Send the outcome', diterima: 'Accepted', perlu_perbaikan: 'To be improved', ditolak: 'Rejected', waiting: 'Not reviewed' },
};

export const submit: Words['submit'] = {
	title: 'Submissions', intro: 'What is submitted to the centre, each version with its receipt. A sealed version never changes.',
	ready: 'Complete, can be sealed', incomplete: (n) => `${n} things are missing`, check: 'Check completeness', warnings: 'Remarks', seal: (n) => `Seal version ${n} and send`, sealing: 'Sealing …',
	sealHelp: 'Once sealed this version stays as it is; later changes make a new one.', version: (n) => `version ${n}`, sealedBy: (name) => `sealed by ${name}`, receipt: 'Receipt', noVersion: 'No version has been sealed.',
	notSent: 'Not sent yet; it goes as soon as there is a line.', atHub: 'At the centre, its receipt follows.', due: (when) => `Due ${when}`, versions: 'Versions',
	nothing: 'No books yet', nothingText: 'Books open once the region is in a cohort.', openBook: 'Open the book', draft: 'Draft of a receipt: not received by the centre yet',
};

export const receipt: Words['receipt'] = {
	title: 'Receipt', number: 'Number', region: 'Region', object: 'Submitted', version: 'Version', sealed: 'Sealed', receivedAt: 'Received by the centre', notReceived: 'Not received by the centre yet. The receipt is issued once it has been sent.',
	timeliness: 'Timeliness', due: 'Deadline', hash: 'Fingerprint of the content (SHA-256)', log: 'The centre’s log', logOf: (index, size) => `entry ${index} of ${size}`, hubKey: 'The centre’s key', files: 'Attachments', filesOf: (present, of) => `${present} of ${of} are at the centre`,
	noFiles: 'no attachments', proof: 'Proof (can be checked without internet)', download: 'Download the proof', verify: 'On another computer: simpul verify FILE --hub-key KEY', print: 'Print A4', printSmall: 'Print A6', by: 'by', back: 'Submissions',
	valid: 'VALID', seal: 'A seal of the device; not an electronic signature.', local: 'local time',
};
