-- Tables of the service that takes orders.
-- A customer's row is locked by each of the customer's orders: so they commit one after the other, and so
-- do their messages, which have the customer as their key.
CREATE TABLE IF NOT EXISTS customers (
  customer VARCHAR(64) NOT NULL PRIMARY KEY,
  orders INT NOT NULL
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS orders (
  customer VARCHAR(64) NOT NULL,
  number INT NOT NULL COMMENT 'the customer''s first order is 1',
  amount_cents BIGINT NOT NULL,
  PRIMARY KEY (customer, number)
) ENGINE=InnoDB;
