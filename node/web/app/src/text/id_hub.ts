// text/id_hub.ts - words of the pages of the centre, in Indonesian.
export const hub = {
	title: 'Semua daerah', intro: (n: number) => `${n} daerah dalam angkatan ini; angka datang sendiri begitu daerah mengirim.`,
	cohort: 'Angkatan', whole: 'Seluruh Indonesia', colourBy: 'Warna menurut', map: 'Peta ubin', table: 'Tabel', download: 'Unduh CSV',
	measures: {
		stage: 'Tahap', submitted: 'Penyampaian', obligations: 'Kewajiban', percent: 'Rata-rata quick win', contact: 'Kontak terakhir',
	},
	notJoined: 'tidak dalam angkatan', noNews: 'belum ada kabar', notEnrolled: 'belum terdaftar', notBegun: 'belum mulai',
	stageShort: (n: number) => `Tahap ${n}`, obligationsOf: (n: number) => `${n} dari 3`, daysAgo: (n: number) => (n === 0 ? 'hari ini' : `${n} hari lalu`),
	received: (n: number, all: number) => `${n} dari ${all} diterima`, legend: 'Arti warna', province: 'Provinsi', regionsN: (n: number) => `${n} daerah`,
	columns: {
		region: 'Daerah', code: 'Kode', stage: 'Tahap', units: 'Unit', issues: 'Isu', programmes: 'Program', quickWins: 'Quick win', percent: 'Rata-rata', obligations: 'Kewajiban',
		received: 'Penyampaian', contact: 'Kontak terakhir',
	},
	expected: 'Diharapkan', receivedN: 'Diterima', onTime: 'Tepat waktu', inGrace: 'Dalam toleransi', lateN: 'Terlambat', missingN: 'Belum',
	submissions: 'Penyampaian', submissionsIntro: 'Yang diharapkan, yang diterima, dan yang tepat waktu, menurut tenggat. Waktu adalah waktu pusat menerima, bukan jam laptop daerah.',
	due: 'Tenggat', whoMissing: 'Siapa belum menyampaikan', allIn: 'Semua sudah menyampaikan.', extension: 'Perpanjang', extended: 'diperpanjang', reason: 'Alasan perpanjangan',
	reasonHelp: 'Terlihat oleh semua daerah.', until: 'Sampai tanggal', untilHelp: 'Pukul 23.59 WIB', extend: 'Simpan perpanjangan', never: 'belum pernah masuk', copy: 'Salin untuk WhatsApp', copied: 'Tersalin',
	message: (what: string) => `Daerah yang belum menyampaikan ${what}:`,
	timeliness: { on_time: 'Tepat waktu', in_grace: 'Dalam masa toleransi', late: 'Terlambat' }, waitingReceipt: 'menunggu tanda terima',
	ranking: 'Quick win semua daerah', rankingIntro: 'Diurutkan menurut persentase yang dinyatakan daerah; dasar angkanya tertulis di samping.', basis: { declared: 'dinyatakan', milestones: 'dari tonggak', verified: 'diverifikasi' },
	noQuickWins: 'Belum ada quick win', noQuickWinsText: 'Muncul di sini begitu daerah mengirimnya.', milestones: 'Tonggak', asOf: 'Per tanggal', dimension: 'Dimensi',
	offices: 'Perangkat dan pendaftaran', officesIntro: 'Laptop yang boleh mengirim. Sidik jari enam kata dicocokkan lewat telepon.', fingerprint: 'Sidik jari',
	asking: 'Menunggu persetujuan', noneAsking: 'Tidak ada yang menunggu.', approve: 'Setujui', refuse: 'Tolak', compare: 'Minta daerah membacakan enam kata ini. Setujui hanya bila semuanya sama.',
	device: 'Perangkat', role: 'Peran', lastContact: 'Kontak terakhir', lastChangeset: 'Kiriman terakhir', changesets: 'Paket', quarantined: 'Perlu diperiksa', version: 'Versi', clock: 'Selisih jam', revoked: 'dicabut',
	minutes: (n: number) => `${n} menit`, invite: 'Undang daerah', inviteFor: 'Untuk daerah', inviteMake: 'Buat undangan', inviteText: 'Undangan ini berlaku satu kali, 24 jam. Perlakukan seperti kata sandi.',
	noOffices: 'Belum ada perangkat', noOfficesText: 'Undang sebuah daerah, atau tunggu sampai daerah meminta.',
	region: { overview: 'Ringkasan', books: 'Penyampaian', quickWins: 'Quick win', deadlines: 'Tenggat', none: 'Belum ada', devices: 'Perangkat' },
	review: { title: 'Telaah penyampaian', outcome: 'Hasil', summary: 'Ringkasan untuk daerah', send: 'Kirim hasil', diterima: 'Diterima', perlu_perbaikan: 'Perlu perbaikan', ditolak: 'Ditolak', waiting: 'Belum ditelaah' },
};

export const submit = {
	title: 'Penyampaian', intro: 'Yang disampaikan ke pusat, tiap versi dengan tanda terimanya. Versi yang sudah disegel tidak berubah lagi.',
	ready: 'Lengkap, siap disegel', incomplete: (n: number) => `${n} hal belum lengkap`, check: 'Periksa kelengkapan', warnings: 'Catatan', seal: (n: number) => `Segel versi ${n} dan kirim`, sealing: 'Menyegel …',
	sealHelp: 'Setelah disegel, isi versi ini tetap; perubahan berikutnya menjadi versi baru.', version: (n: number) => `versi ${n}`, sealedBy: (name: string) => `disegel ${name}`, receipt: 'Tanda terima', noVersion: 'Belum ada versi yang disegel.',
	notSent: 'Belum terkirim; berangkat begitu ada jaringan.', atHub: 'Sudah di pusat, tanda terima menyusul.', due: (when: string) => `Tenggat ${when}`, versions: 'Versi',
	nothing: 'Belum ada buku', nothingText: 'Buku dibuka begitu daerah masuk dalam sebuah angkatan.', openBook: 'Buka buku', draft: 'Draf tanda terima: belum diterima pusat',
};

export const receipt = {
	title: 'Tanda Terima', number: 'Nomor', region: 'Daerah', object: 'Yang disampaikan', version: 'Versi', sealed: 'Disegel', receivedAt: 'Diterima pusat', notReceived: 'Belum diterima pusat. Tanda terima terbit setelah terkirim.',
	timeliness: 'Ketepatan', due: 'Tenggat', hash: 'Sidik isi (SHA-256)', log: 'Catatan pusat', logOf: (index: number, size: number) => `entri ${index} dari ${size}`, hubKey: 'Kunci pusat', files: 'Lampiran', filesOf: (present: number, of: number) => `${present} dari ${of} sudah di pusat`,
	noFiles: 'tanpa lampiran', proof: 'Bukti (dapat diperiksa tanpa internet)', download: 'Unduh bukti', verify: 'Periksa di komputer lain: simpul verify BERKAS --hub-key KUNCI', print: 'Cetak A4', printSmall: 'Cetak A6', by: 'oleh', back: 'Penyampaian',
	valid: 'SAH', seal: 'Segel perangkat; bukan tanda tangan elektronik.', local: 'waktu setempat',
};
