-- +goose Up
-- account_key is what all spellings of an email have in common. It is bytes,
-- since collations differ in what they hold to be equal: some also pad with
-- blanks, or hold e and é to be the same. The next migration fills it.
--
-- Left out if it ran before without being recorded, as when the process was
-- killed right after it.
SET @statement = IF(
  (SELECT COUNT(*) FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'user' AND COLUMN_NAME = 'account_key') > 0,
  'DO 0',
  'ALTER TABLE user ADD COLUMN account_key VARBINARY(767) NULL'
);
PREPARE alter_user FROM @statement;
EXECUTE alter_user;
DEALLOCATE PREPARE alter_user;
