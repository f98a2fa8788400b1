-- What do cells of a table look like?  Some lines, the same ones whatever their order and parts.
select {cells} from {relation} order by hash({cells}), {cells} limit {rows}
