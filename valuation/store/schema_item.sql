-- What was listed, and what is it?  The tables of lines, items, their evidence and contents.

create table if not exists line (
    batch_id varchar not null, item_id bigint not null, file_id varchar not null, quantity double,
    serial varchar, asset_tag varchar, host varchar, site varchar, status varchar,
    purchase_date varchar, counted boolean, not_counted_reason varchar
);
comment on table line is 'One data record of an export; empty for batches read without lines. No key: equal records are separate lines.';
comment on column line.batch_id is 'Batch the line belongs to.';
comment on column line.item_id is 'Item the line describes.';
comment on column line.file_id is 'File the line was read from.';
comment on column line.quantity is 'Pieces the line stands for; 1 where the cell was blank. [1, summable]';
comment on column line.serial is 'Serial number as received.';
comment on column line.asset_tag is 'Asset tag as received.';
comment on column line.host is 'Host or parent the part sits in, as received.';
comment on column line.site is 'Site or location as received.';
comment on column line.status is 'Life-cycle status as received; it never changes counting.';
comment on column line.purchase_date is 'Purchase or installation date, ISO where it could be read, else as received.';
comment on column line.counted is 'Whether the line adds units.';
comment on column line.not_counted_reason is 'Why it adds none; null when counted.';

create table if not exists item (
    item_id bigint not null, manufacturer_raw varchar, model_raw varchar, part_number_raw varchar,
    description_raw varchar, type_raw varchar, capacity_raw varchar, kind varchar,
    item_class varchar, manufacturer varchar, model varchar, family varchar, family_key varchar,
    part_key varchar, form_factor_in double, capacity_gb double, rpm bigint, interface varchar,
    generation varchar, power_w double, fan_size_mm bigint, u_height double, launch_year bigint, unit_mass_g double,
    unit_mass_log_sd double, pieces bigint,
    pieces_rule varchar, counted boolean, not_counted_reason varchar, method varchar,
    matched_on varchar, confidence double, runner_up varchar, runner_up_kind varchar,
    runner_up_confidence double, capacity_source varchar, conflict varchar, lines bigint
);
comment on table item is 'One distinct description, as received, and what it was identified as. Key: item_id.';
comment on column item.item_id is 'Hash of the six texts as received.';
comment on column item.manufacturer_raw is 'Maker as received.';
comment on column item.model_raw is 'Model as received.';
comment on column item.part_number_raw is 'Part number as received.';
comment on column item.description_raw is 'Description as received, with the component name.';
comment on column item.type_raw is 'Type, category or media as received; a clue, never proof.';
comment on column item.capacity_raw is 'Capacity as received.';
comment on column item.kind is 'What the item is: hdd, ssd, fan, psu, server ...; unidentified where the program abstains.';
comment on column item.item_class is 'Content class; null when unidentified.';
comment on column item.manufacturer is 'Maker.';
comment on column item.model is 'Model.';
comment on column item.family is 'Model family.';
comment on column item.family_key is 'Text key of the spread shared by one family.';
comment on column item.part_key is 'Text key of what is shared by one part number.';
comment on column item.form_factor_in is 'Form factor. [in]';
comment on column item.capacity_gb is 'Capacity, snapped to sizes that are sold. [GB]';
comment on column item.rpm is 'Spindle speed. [1/min]';
comment on column item.interface is 'How a drive is attached, where its part number says so: sata, sas, nvme, fc, scsi, ide, usb.';
comment on column item.generation is 'Generation of the family or of the standard, as its maker counts.';
comment on column item.power_w is 'Rated power. [W]';
comment on column item.fan_size_mm is 'Frame width of a fan. [mm]';
comment on column item.u_height is 'Height in rack units. [U]';
comment on column item.launch_year is 'Year the family came to market. [year]';
comment on column item.unit_mass_g is 'Mass of one unit where the catalogue knows it. [g]';
comment on column item.unit_mass_log_sd is 'Spread of the logarithm of that mass, shared by the family. [1]';
comment on column item.pieces is 'Pieces one unit of quantity stands for, as the text says. [1]';
comment on column item.pieces_rule is 'Rule that read the pieces from the text.';
comment on column item.counted is 'Whether lines of the item add units.';
comment on column item.not_counted_reason is 'Why they add none: sensor, empty bay ...';
comment on column item.method is 'How it was identified.';
comment on column item.matched_on is 'Text and rule or row it was matched on.';
comment on column item.confidence is 'Calibrated chance that kind and class are right, 0-1. [1]';
comment on column item.runner_up is 'Second most likely class.';
comment on column item.runner_up_kind is 'Kind of the runner-up.';
comment on column item.runner_up_confidence is 'Chance of the runner-up, 0-1. [1]';
comment on column item.capacity_source is 'Where the capacity was read.';
comment on column item.conflict is 'What a column says against the model string, which wins: type, capacity.';
comment on column item.lines is 'Lines of the item over all batches. [1, summable]';

create table if not exists item_evidence (
    item_id bigint not null, clue bigint not null, method varchar, candidate varchar,
    weight double, matched_text varchar, used boolean, stance varchar
);
comment on table item_evidence is 'One clue used or rejected for an item. Key: item_id, clue.';
comment on column item_evidence.item_id is 'The item.';
comment on column item_evidence.clue is 'Number of the clue within its item. [1]';
comment on column item_evidence.method is 'Method that found it.';
comment on column item_evidence.candidate is 'Kind or class it speaks for.';
comment on column item_evidence.weight is 'Weight it was given. [1]';
comment on column item_evidence.matched_text is 'Text it rests on.';
comment on column item_evidence.used is 'Whether it speaks for the answer given.';
comment on column item_evidence.stance is 'Whether the clue speaks for the identity or against it; open where there is none.';

create table if not exists content (
    item_class varchar not null, stream varchar not null, composition_id varchar, mean_g double,
    low_g double, high_g double, is_magnet boolean, basis varchar, sources varchar[], note varchar
);
comment on table content is 'One class of items or components and one magnet location or material in it, per unit. Key: item_class, stream.';
comment on column content.item_class is 'Class of the item or component.';
comment on column content.stream is 'Magnet location or material.';
comment on column content.composition_id is 'Alloy or board type that gives the elements.';
comment on column content.mean_g is 'Mean mass in one unit. [g]';
comment on column content.low_g is '10 % point of the mass in one unit. [g]';
comment on column content.high_g is '90 % point of the mass in one unit. [g]';
comment on column content.is_magnet is 'Whether it is a magnet; else a material.';
comment on column content.basis is 'measured, reported, derived or assumed.';
comment on column content.sources is 'Sources the figure rests on.';
comment on column content.note is 'What to know about it.';
