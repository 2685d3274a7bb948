-- Merges for tables that take many small parts. A part of 1 MB among new ones of some kilobytes would be merged with each of
-- them at once, whole: the selector counts every part as 5 MB more, takes a large one with five new ones, and drops the new ones
-- again but for one, as they are small. At 150 events a second 105,000 rows were merged each second, for 435 that were
-- inserted, and took most of a core. With neither, and ten parts to a merge, it is 9,000, among a third more parts; loads of
-- mailboxes take less time than they did.

ALTER TABLE ${database}.touchpoint_rows ${on_cluster}
    MODIFY SETTING merge_selector_base = 10, merge_selector_enable_heuristic_to_remove_small_parts_at_right = 0;

ALTER TABLE ${database}.mailbox_rows ${on_cluster}
    MODIFY SETTING merge_selector_base = 10, merge_selector_enable_heuristic_to_remove_small_parts_at_right = 0;

ALTER TABLE ${database}.journey_rows ${on_cluster}
    MODIFY SETTING merge_selector_base = 10, merge_selector_enable_heuristic_to_remove_small_parts_at_right = 0;

ALTER TABLE ${database}.friction_rows ${on_cluster}
    MODIFY SETTING merge_selector_base = 10, merge_selector_enable_heuristic_to_remove_small_parts_at_right = 0;

ALTER TABLE ${database}.wake_rows ${on_cluster}
    MODIFY SETTING merge_selector_base = 10, merge_selector_enable_heuristic_to_remove_small_parts_at_right = 0;

ALTER TABLE ${database}.counted_rows ${on_cluster}
    MODIFY SETTING merge_selector_base = 10, merge_selector_enable_heuristic_to_remove_small_parts_at_right = 0;

ALTER TABLE ${database}.dead_letter_rows ${on_cluster}
    MODIFY SETTING merge_selector_base = 10, merge_selector_enable_heuristic_to_remove_small_parts_at_right = 0;
