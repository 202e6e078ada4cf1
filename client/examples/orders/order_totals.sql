-- The read model: what each customer has ordered, kept up by messages.
CREATE TABLE IF NOT EXISTS order_totals (
  customer VARCHAR(64) NOT NULL PRIMARY KEY,
  orders INT NOT NULL,
  amount_cents BIGINT NOT NULL,
  last_number INT NOT NULL COMMENT 'of the latest order that was counted'
) ENGINE=InnoDB;
