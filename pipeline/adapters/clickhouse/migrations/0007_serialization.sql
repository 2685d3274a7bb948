-- A string's length stands before its text, and not in a stream of its own: granules are small here, and every stream of every
-- granule is a block to be compressed, written and found again. Statistics of columns, which ClickHouse would gather with
-- every insert and merge, serve no query: the views read with FINAL, by the sorting key or all.
-- Together a tenth less to insert and to merge, a third less to load mailboxes, and 3 to 6 % fewer bytes.
-- Parts that are there stay as they are until they are merged.

ALTER TABLE ${database}.touchpoint_rows ${on_cluster}
    MODIFY SETTING string_serialization_version = 'single_stream', auto_statistics_types = '';

ALTER TABLE ${database}.mailbox_rows ${on_cluster}
    MODIFY SETTING string_serialization_version = 'single_stream', auto_statistics_types = '';

ALTER TABLE ${database}.journey_rows ${on_cluster}
    MODIFY SETTING string_serialization_version = 'single_stream', auto_statistics_types = '';

ALTER TABLE ${database}.friction_rows ${on_cluster}
    MODIFY SETTING string_serialization_version = 'single_stream', auto_statistics_types = '';

ALTER TABLE ${database}.wake_rows ${on_cluster}
    MODIFY SETTING string_serialization_version = 'single_stream', auto_statistics_types = '';
