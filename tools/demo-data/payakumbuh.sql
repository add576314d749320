-- payakumbuh.sql - Kota Payakumbuh (13.76), a small start.
--
-- Examples, not an official list.
-- Load it with any SQLite tool; it knows nothing of Simpul:  sqlite3 FILE < tools/demo-data/payakumbuh.sql

BEGIN;
INSERT INTO organization (id, kind, code, name) VALUES
  ('018a6da8-d4b1-78a9-9cec-05557ea98333', 'opd', '', 'Dinas Komunikasi dan Informatika'),
  ('018a6dab-0efa-7e49-8dca-4e7768180cb6', 'opd', '', 'Dinas Kependudukan dan Pencatatan Sipil'),
  ('018a6dad-04cf-7727-a7b4-434522bae1f2', 'opd', '', 'Dinas Pariwisata, Pemuda dan Olahraga'),
  ('018a6dae-e23f-7c7a-ac10-6badc551f894', 'opd', '', 'Dinas Koperasi dan UKM'),
  ('018a6db1-81e1-7b29-85e4-a92a7784c2c8', 'opd', '', 'Dinas Kesehatan'),
  ('018a6db4-2846-7c33-bf77-2727300093ca', 'opd', '', 'Dinas Lingkungan Hidup');

INSERT INTO regional_issue (id, organization_id, dimension, statement) VALUES
  ('018a6da9-348b-7064-9d6a-e7c41cec8eef', '018a6da8-d4b1-78a9-9cec-05557ea98333', 'governance', 'Aplikasi layanan berjalan sendiri-sendiri tanpa satu akun warga.'),
  ('018a6dab-b808-7869-ae9b-c8cc4c9c5d17', '018a6dab-0efa-7e49-8dca-4e7768180cb6', 'society', 'Akta kelahiran terlambat diurus.'),
  ('018a6dad-da60-7d4b-aa1b-fcdd58c3487d', '018a6dad-04cf-7727-a7b4-434522bae1f2', 'branding', 'Wisata kuliner belum punya satu peta.'),
  ('018a6db0-09e9-7409-95a6-eae44a22caf8', '018a6dae-e23f-7c7a-ac10-6badc551f894', 'economy', 'Perajin rendang belum punya catatan penjualan.'),
  ('018a6db2-44ad-7b0d-9c16-58cf648e789e', '018a6db1-81e1-7b29-85e4-a92a7784c2c8', 'living', 'Jadwal posyandu berubah tanpa pemberitahuan.'),
  ('018a6db5-014f-7ae5-aee8-cb0d2fa03b54', '018a6db4-2846-7c33-bf77-2727300093ca', 'environment', 'Pemilahan sampah di rumah belum terukur.');

INSERT INTO quick_win (id, name, expansion, organization_id, dimension, percent, benefit) VALUES
  ('018a6da9-f1d9-7100-8e4b-a3c03b8e9432', '(belum dinamai)', '', '018a6da8-d4b1-78a9-9cec-05557ea98333', 'governance', 70, ''),
  ('018a6dac-aa9d-74b3-88d9-432744307d91', '(belum dinamai)', '', '018a6dab-0efa-7e49-8dca-4e7768180cb6', 'society', 70, ''),
  ('018a6dae-92b1-70cb-a6de-c986049fc398', '(belum dinamai)', '', '018a6dad-04cf-7727-a7b4-434522bae1f2', 'branding', 70, ''),
  ('018a6db0-500c-71fc-9800-ee34f0c0221c', '(belum dinamai)', '', '018a6dae-e23f-7c7a-ac10-6badc551f894', 'economy', 70, ''),
  ('018a6db3-8991-72d7-a326-47a245c4e928', '(belum dinamai)', '', '018a6db1-81e1-7b29-85e4-a92a7784c2c8', 'living', 70, ''),
  ('018a6db6-0979-72ec-beba-c3c4c12a75f0', '(belum dinamai)', '', '018a6db4-2846-7c33-bf77-2727300093ca', 'environment', 70, '');

COMMIT;
