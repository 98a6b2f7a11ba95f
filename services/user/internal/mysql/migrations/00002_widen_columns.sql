-- +goose Up
-- For any text and any hash. One ALTER, so that it happens wholly or not at
-- all: MySQL has no transactions for it. Run again it changes nothing.
ALTER TABLE user
  MODIFY username VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  MODIFY password VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  MODIFY email VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL;
