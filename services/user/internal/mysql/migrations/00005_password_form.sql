-- +goose Up
-- password_form says how a password is stored, so that those that are not
-- hashed yet are found and counted by an index: 0 argon2id, 1 plain text as the
-- lesson's service wrote it, 2 another hash, which nobody can log in with.
SET @statement = IF(
  (SELECT COUNT(*) FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'user' AND COLUMN_NAME = 'password_form') > 0,
  'DO 0',
  'ALTER TABLE user
    ADD COLUMN password_form TINYINT GENERATED ALWAYS AS
      (CASE WHEN LEFT(password, 10) = ''$argon2id$'' THEN 0 WHEN password LIKE ''$%$%'' AND password NOT LIKE ''$$%'' THEN 2 ELSE 1 END) VIRTUAL,
    ADD INDEX password_form (password_form)'
);
PREPARE alter_user FROM @statement;
EXECUTE alter_user;
DEALLOCATE PREPARE alter_user;
