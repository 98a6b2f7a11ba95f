-- The lesson's schema. The service migrates it at its start, and also makes it
-- where it is missing. Valid for MySQL 5.7 and 8.4 and MariaDB 10.11.
CREATE DATABASE IF NOT EXISTS user CHARACTER SET utf8mb4;

CREATE TABLE IF NOT EXISTS user.user (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  username VARCHAR(100) NOT NULL,
  password VARCHAR(100) NOT NULL,
  email VARCHAR(100) NOT NULL,
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
