import type { ComponentChildren, JSX } from "preact";

import { pageOf } from "../state/list.ts";

import { Explained } from "./Explained.tsx";
import type { Cursor } from "./useList.ts";

export interface Column<T> {
  readonly head: string;
  /** Numbers stand at the right. */
  readonly num?: boolean;
  /** What explains the column. */
  readonly by?: string;
  cell(row: T): ComponentChildren;
}

interface TableProps<T> {
  readonly caption: string;
  readonly rows: readonly T[];
  keyOf(row: T): string;
  /** Where its first cell leads. */
  hrefOf(row: T): string;
  nameOf(row: T): string;
  /** Of the first cell. */
  readonly nameHead: string;
  readonly columns: readonly Column<T>[];
  readonly cursor: Cursor;
}

/** A page of a table with a cursor; the first cell is a link into the row. */
export function Table<T>(props: TableProps<T>): JSX.Element {
  const { rows, columns, cursor } = props;
  const { from, until } = pageOf(cursor.index, rows.length);
  return (
    <div>
      <div class="scroll">
        <table>
          <caption>{props.caption}</caption>
          <thead>
            <tr>
              <th scope="col">{props.nameHead}</th>
              {columns.map((column) => (
                <Head key={column.head} column={column} />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(from, until).map((row, at) => (
              <Row key={props.keyOf(row)} row={row} index={from + at} table={props} />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > until - from ? <Pager cursor={cursor} from={from} until={until} count={rows.length} /> : null}
    </div>
  );
}

function Head<T>({ column }: { readonly column: Column<T> }): JSX.Element {
  return (
    <th scope="col" class={column.num ? "num" : ""}>
      {column.by === undefined ? column.head : <Explained by={column.by}>{column.head}</Explained>}
    </th>
  );
}

function Row<T>({
  row,
  index,
  table,
}: {
  readonly row: T;
  readonly index: number;
  readonly table: TableProps<T>;
}): JSX.Element {
  const { cursor, columns } = table;
  return (
    <tr
      {...(index === cursor.index ? { "aria-current": "true" as const } : {})}
      onClick={() => cursor.choose(index, false)}
    >
      <td class="name">
        <a id={cursor.idOf(index)} href={table.hrefOf(row)} onFocus={() => cursor.choose(index, false)}>
          {table.nameOf(row)}
        </a>
      </td>
      {columns.map((column) => (
        <td key={column.head} class={column.num ? "num" : ""}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

interface PagerProps {
  readonly cursor: Cursor;
  readonly from: number;
  readonly until: number;
  readonly count: number;
}

function Pager({ cursor, from, until, count }: PagerProps): JSX.Element {
  return (
    <nav class="pager" aria-label="Pages">
      <button type="button" disabled={from === 0} onClick={() => cursor.choose(from - 1, false)}>
        Before
      </button>
      <span>
        {from + 1} to {until} of {count}
      </span>
      <button type="button" disabled={until === count} onClick={() => cursor.choose(until, false)}>
        Next
      </button>
    </nav>
  );
}
