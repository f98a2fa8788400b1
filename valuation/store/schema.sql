-- What was run, what was read, and what was set aside?  The tables of runs, batches and files.
--
-- Versions (run.schema_version; a file of an earlier version grows the missing tables and columns):
--   1  runs, files, lines, items, contents, flows, costs, values, draws, reference data used
--   2  input_file.layout, rejected_line.cells: lines set aside can be written as they came;
--      input_file.column_placement: how sure it is what each column of a file is, and why
--   3  item.interface, item.generation: how a drive is attached, which generation it is of;
--      item.conflict, item_evidence.stance: which clues agree and which do not
--   4  class_value: what one unit of each class brings, so what an unidentified item could bring
--   5  batch.form, batch_flow.reason, route_step_form: in which form lots arrive, which steps then act;
--      batch_capacity: how much of a plant's year a batch fills; assumption.table_name, row_key: assumed rows wherever they stand
--      batch_sensitivity, batch_break_even: what a net rests on, and where it changes sign
--      batch_policy, batch_route_policy, route_policy: what the owner allows and what that costs;
--      batch_reuse, resale_price: reuse beside recycling; ree_gross_usd, other_gross_usd, resale_usd
--      reference_row, part, part_mass, route_path, route_sale, product_price, deck; price.basis:
--      what leads from a figure to the rows it was made of
--      own_measurement, batch_measurement: what was weighed or assayed, and what to weigh next
--
-- A comment is the only place where a table or column is explained. A number's ends in its unit,
-- [kg], and says whether sums over rows mean anything: [kg, summable].

create table if not exists run (
    run_id varchar not null, schema_version integer, started_at timestamp, finished_at timestamp,
    program_version varchar, data_version varchar, deck_id varchar, deck_version varchar,
    as_of date, seed bigint, draws bigint, routes varchar[], options varchar, world_id varchar,
    batches bigint, lines bigint, items bigint, seconds varchar, warnings varchar[]
);
comment on table run is 'One valuation run with its world and settings, oldest first. Key: run_id.';
comment on column run.run_id is 'Identifier of the run.';
comment on column run.schema_version is 'Version of this schema the run wrote. [1]';
comment on column run.started_at is 'Start of the run, UTC.';
comment on column run.finished_at is 'End of the computation, before the file was swapped, UTC.';
comment on column run.program_version is 'Version of the program.';
comment on column run.data_version is 'Hash of the reference data used.';
comment on column run.deck_id is 'Price deck used.';
comment on column run.deck_version is 'Hash of the deck rows used.';
comment on column run.as_of is 'Prices are taken as they were known on this date.';
comment on column run.seed is 'Seed of every draw. [1]';
comment on column run.draws is 'Joint draws per figure. [1]';
comment on column run.routes is 'Routes valued.';
comment on column run.options is 'Other options that move a figure, as a JSON object.';
comment on column run.world_id is 'Hash of data version, deck, date, seed, draws, routes and options: equal where figures compare.';
comment on column run.batches is 'Batches in the file after the run. [1]';
comment on column run.lines is 'Lines the run read. [1]';
comment on column run.items is 'Distinct items in the file after the run. [1]';
comment on column run.seconds is 'Seconds spent per stage, as a JSON object. [s]';
comment on column run.warnings is 'What the run warned of, one sentence each.';

create table if not exists batch (
    batch_id varchar not null, run_id varchar, read_at timestamp, lines bigint,
    lines_counted bigint, units_listed double, units_embedded double, units_unidentified double,
    items_unidentified bigint, gross_mass_kg double, identified_share_lines double, identified_share_units double,
    capacity_tb_hdd double, capacity_tb_ssd double, unidentified_allowance_kg_mean double,
    unidentified_allowance_kg_p10 double, unidentified_allowance_kg_p90 double,
    p_any_fan_ndfeb double, fan_ree_given_ndfeb_kg double, form varchar, form_from varchar
);
comment on table batch is 'One decommissioning batch. Key: batch_id.';
comment on column batch.batch_id is 'The batch, as named by option, column or file.';
comment on column batch.run_id is 'Run that last valued the batch.';
comment on column batch.read_at is 'When the lines of the batch were read, UTC.';
comment on column batch.lines is 'Lines of the batch. [1, summable]';
comment on column batch.lines_counted is 'Lines that stand for units: not repeated, quantity above zero. [1, summable]';
comment on column batch.units_listed is 'Units of listed parts that count, each once. [1, summable]';
comment on column batch.units_embedded is 'Units inside hosts, described in their text or typical for them. [1, summable]';
comment on column batch.units_unidentified is 'Units of items the program abstains from. [1, summable]';
comment on column batch.items_unidentified is 'Distinct items that stay unidentified and have units. [1]';
comment on column batch.gross_mass_kg is 'Mean mass of everything identified. [kg, summable]';
comment on column batch.identified_share_lines is 'Share of lines whose item is identified, 0-1. [1]';
comment on column batch.identified_share_units is 'Share of units whose item is identified, 0-1. [1]';
comment on column batch.capacity_tb_hdd is 'Stated capacity of listed hard drives. [TB, summable]';
comment on column batch.capacity_tb_ssd is 'Stated capacity of listed solid-state drives. [TB, summable]';
comment on column batch.unidentified_allowance_kg_mean is 'Mean rare-earth mass that unidentified units could add; in no other figure. [kg, summable]';
comment on column batch.unidentified_allowance_kg_p10 is '10 % point of the rare-earth mass that unidentified units could add. [kg]';
comment on column batch.unidentified_allowance_kg_p90 is '90 % point of the rare-earth mass that unidentified units could add. [kg]';
comment on column batch.p_any_fan_ndfeb is 'Chance that any fan of the batch holds NdFeB, 0-1. [1]';
comment on column batch.fan_ree_given_ndfeb_kg is 'Mean rare-earth mass in fans in the worlds where any holds NdFeB. [kg]';
comment on column batch.form is 'How the batch arrives: whole, module (voice-coil magnets of drives, pulled, on their yokes) or shredded.';
comment on column batch.form_from is 'How that was decided: option, status (its lines say so), mixed (they do not agree: valued whole) or default (nothing is said).';

create table if not exists batch_file (batch_id varchar not null, file_id varchar not null, lines bigint);
comment on table batch_file is 'One batch and one file it was read from. Key: batch_id, file_id.';
comment on column batch_file.batch_id is 'The batch.';
comment on column batch_file.file_id is 'The file.';
comment on column batch_file.lines is 'Lines of the batch in the file. [1, summable]';

create table if not exists input_file (
    file_id varchar not null, run_id varchar, name varchar, sha256 varchar, format varchar,
    encoding varchar, status varchar, reason varchar, system varchar, header_line bigint,
    lines_read bigint, lines_loaded bigint, lines_rejected bigint, lines_ignored bigint,
    reasons varchar, column_map varchar, unmapped_columns varchar, layout varchar,
    ignored_reasons varchar,
    column_placement varchar
);
comment on table input_file is 'One file given, loaded or refused, with its account: lines_read = lines_loaded + lines_rejected + lines_ignored. Files of the last run, and every file a batch rests on. Key: file_id.';
comment on column input_file.file_id is 'Hash of name and content.';
comment on column input_file.run_id is 'Run that last read the file.';
comment on column input_file.name is 'Name as given.';
comment on column input_file.sha256 is 'SHA-256 of the content.';
comment on column input_file.format is 'Format recognised from the content.';
comment on column input_file.encoding is 'Text encoding it was read with.';
comment on column input_file.status is 'loaded or refused.';
comment on column input_file.reason is 'Why it was refused; null when loaded.';
comment on column input_file.system is 'System whose column names fit best.';
comment on column input_file.header_line is 'Line of the header, the first line is 1. [1]';
comment on column input_file.lines_read is 'Data records after the header. [1, summable]';
comment on column input_file.lines_loaded is 'Records that became lines. [1, summable]';
comment on column input_file.lines_rejected is 'Records set aside with a reason. [1, summable]';
comment on column input_file.lines_ignored is 'Blank lines, repeated headers, subtotals, totals, and lines that a mended one stands in for. [1, summable]';
comment on column input_file.reasons is 'Records set aside per reason, as a JSON object.';
comment on column input_file.ignored_reasons is 'Records ignored per reason, as a JSON object: blank, repeated_header, total, mended (another line stands in for it), given_twice.';
comment on column input_file.column_map is 'Column of the file to column of ours, as a JSON object.';
comment on column input_file.unmapped_columns is 'Columns of the file that were not used, as a JSON array.';
comment on column input_file.column_placement is 'Every column of the file in order, as a JSON array: header, our column, confidence 0-1, how it was decided (name, name of a system, name after filler, look, map, position, option), runner-up and its confidence, what its cells look like where they contradict the name.';
comment on column input_file.layout is 'How the file writes its table (form, separator, quote, line end, sheet, column names), as a JSON object.';

create table if not exists rejected_line (
    file_id varchar not null, source_line bigint, reason_code varchar, reason varchar,
    raw_text varchar, suggestion varchar, cells varchar[]
);
comment on table rejected_line is 'One record set aside. Key: file_id, source_line.';
comment on column rejected_line.file_id is 'File the record is from.';
comment on column rejected_line.source_line is 'Number of the record, the first after the header is 1; of a table of Spark, its place among those set aside. [1]';
comment on column rejected_line.reason_code is 'Short name of the reason.';
comment on column rejected_line.reason is 'What is wrong, in one sentence.';
comment on column rejected_line.raw_text is 'The record as received.';
comment on column rejected_line.suggestion is 'What would mend it.';
comment on column rejected_line.cells is 'Cells of the record as received, in the order of the columns of the file.';

create table if not exists data_dictionary (
    table_name varchar not null, column_name varchar not null, type varchar, unit varchar,
    meaning varchar, summable boolean
);
comment on table data_dictionary is 'One column of one table or view, filled from the comments. Key: table_name, column_name.';
comment on column data_dictionary.table_name is 'Table or view.';
comment on column data_dictionary.column_name is 'Column.';
comment on column data_dictionary.type is 'DuckDB type.';
comment on column data_dictionary.unit is 'Unit; 1 for counts and shares, null for texts, dates and flags.';
comment on column data_dictionary.meaning is 'What the column holds.';
comment on column data_dictionary.summable is 'Whether sums over rows of one measure mean anything: means, masses and counts do, quantiles and shares do not.';
