-- +goose Up
-- One ALTER, so that it happens wholly or not at all: MySQL has no
-- transactions for it. It is left out if it ran before without being recorded,
-- as when the process was killed right after it.
--
-- email_key is unique without regard to case. Its collation is binary because
-- the case-insensitive ones also hold e and é to be the same.
SET @statement = IF(
  (SELECT COUNT(*) FROM information_schema.COLUMNS
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'user' AND COLUMN_NAME = 'email_key') > 0,
  'DO 0',
  'ALTER TABLE user
    MODIFY username VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    MODIFY password VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    MODIFY email VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    ADD COLUMN email_key VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
      GENERATED ALWAYS AS (LOWER(email)) STORED,
    ADD UNIQUE INDEX email_key (email_key)'
);
PREPARE alter_user FROM @statement;
EXECUTE alter_user;
DEALLOCATE PREPARE alter_user;
