-- The tables the inventory fills, empty.

-- One data record that was loaded; filled only when lines are kept, its place when asked for.
create or replace temp table read_line (
    batch_id varchar,
    item_id bigint,
    file_id varchar,
    source_line bigint,
    quantity double,
    serial varchar,
    asset_tag varchar,
    host varchar,
    site varchar,
    status varchar,
    purchase_date varchar,
    counted boolean,
    not_counted_reason varchar
);

-- One record that was set aside.
create or replace temp table read_reject (
    file_id varchar,
    source_line bigint,
    reason_code varchar,
    reason varchar,
    raw_text varchar,
    suggestion varchar,
    cells varchar[]
);

-- One data record that was ignored; all of them only when lines are numbered.
create or replace temp table read_ignored (
    file_id varchar,
    source_line bigint,
    reason_code varchar
);

-- Lines of one file, batch, item and quantity, with the hashes of their serials, and how many of
-- them say in which form the piece arrives.
create or replace temp table scan_count (
    file_id varchar,
    batch_id varchar,
    item_id bigint,
    maker varchar,
    is_place boolean,
    quantity double,
    lines bigint,
    serial_keys ubigint[],
    whole_lines bigint,
    module_lines bigint,
    shredded_lines bigint
);

-- One record of a file that gives back lines set aside, before it is told what becomes of it.
create or replace temp table mended_line (
    file_id varchar,
    source_line bigint,
    cells varchar[],
    reject_key varchar,
    source_file varchar,
    is_confirmed boolean,
    is_changed boolean,
    reason_code varchar,
    reason varchar,
    raw_text varchar,
    suggestion varchar,
    verdict varchar
);
