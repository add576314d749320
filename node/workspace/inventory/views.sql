-- views.sql - what the keeper must look at.

DROP VIEW IF EXISTS check_negative_stock;
CREATE VIEW check_negative_stock AS
	SELECT scope, 'item' AS object_kind, id AS object_id,
	       'Stok di bawah nol' AS message_id, 'Stock below zero' AS message_en
	FROM item WHERE stock < 0;
