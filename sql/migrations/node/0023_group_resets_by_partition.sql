-- For a partition that moves to another data node: its rows are copied, counted and deleted by topic and partition.
ALTER TABLE group_resets ADD KEY by_partition (topic_id, partition_index);
