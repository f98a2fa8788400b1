-- The tables the inventory fills, empty.

-- One record of a file, before it is told what becomes of it, in any order.
create or replace temp table scan_record (
    file_number integer,
    batch_id varchar,
    item_key ubigint,
    quantity_text varchar,
    is_untagged boolean,
    remark varchar,
    serial_key ubigint,
    is_scientific boolean,
    is_day_first boolean,
    is_unusual boolean,
    is_whole boolean,
    is_module boolean,
    is_shredded boolean,
    texts varchar[]{line_columns}
);

-- What a file is called, and how it writes its days.
create or replace temp table scan_file (
    file_number integer,
    file_id varchar,
    is_day_first boolean
);

-- The distinct texts of a file, cleaned: what an item is, how many pieces a quantity says, and what
-- becomes of a row that names no item.
create or replace temp table scan_item (
    file_number integer,
    item_key ubigint,
    item_id bigint,
    maker varchar,
    is_label boolean,
    is_place boolean
);

create or replace temp table scan_quantity (
    file_number integer,
    quantity_text varchar,
    quantity double
);

create or replace temp table scan_remark (
    file_number integer,
    remark varchar,
    verdict varchar
);

-- Serials that stand on more than one record.
create or replace temp table serial_candidate (serial_key ubigint);

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

-- Lines of one file, batch, item and quantity, in as many rows as they are written in ways, and how
-- many of them say in which form the piece arrives.
create or replace temp table scan_count (
    file_id varchar,
    batch_id varchar,
    item_id bigint,
    quantity double,
    lines bigint,
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
