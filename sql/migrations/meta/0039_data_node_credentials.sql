-- How servers sign in at a data node: encrypted with the key of --credentials-key-file, which no database has. Empty: as the
-- servers' own files say. Written by: operators (node add, node alter); metaservers, when another key is the first one.
ALTER TABLE data_nodes
  ADD COLUMN sealed_credentials VARBINARY(2048) NOT NULL DEFAULT '' COMMENT 'AES-256-GCM; empty: the servers'' own files' AFTER tables_per_schema_max;
