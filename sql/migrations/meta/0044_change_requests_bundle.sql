-- Bundles are in change_bundles. What is here was written by metaservers that do not know that table: it counts, and is moved
-- with the next change of the row. Not moved here: those metaservers may still run, and rows of old requests, which nobody
-- changes any more, go with their age.
ALTER TABLE change_requests
  MODIFY bundle MEDIUMBLOB NULL COMMENT 'NULL: in change_bundles'
