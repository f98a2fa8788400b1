-- What does each loaded record say, where lines are not kept?  No row.
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
