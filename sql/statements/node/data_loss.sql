-- Acknowledged messages that are missing, as brokers noticed.

-- name: record_data_loss
-- Whoever noticed first stays. Parameters: topic, partition, first that is missing, end as it was known, broker.
INSERT INTO data_losses (topic_id, partition_index, from_offset, to_offset, broker, at)
VALUES (?, ?, ?, ?, ?, UTC_TIMESTAMP(6))
ON DUPLICATE KEY UPDATE broker = broker;
