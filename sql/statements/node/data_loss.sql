-- Acknowledged messages that are missing, as brokers noticed.

-- name: record_data_loss
-- Whoever noticed first stays. Affected rows: 0 = the partition moves, or is not here.
-- Parameters: first that is missing, end as it was known, broker, topic, partition.
-- uses-index: PRIMARY
INSERT INTO data_losses (topic_id, partition_index, from_offset, to_offset, broker, at)
SELECT s.topic_id, s.partition_index, ?, ?, ?, UTC_TIMESTAMP(6)
FROM partition_state s WHERE s.topic_id = ? AND s.partition_index = ? AND s.state <> 'moving' LOCK IN SHARE MODE
ON DUPLICATE KEY UPDATE broker = data_losses.broker;
