/**
 * Columns that line up by display width. Written by hand because a table library would cost more
 * start-up time than the whole status command, and because cells here carry a tone.
 */

import {pageWidth, textOf} from './lines.ts';
import type {Line, Piece} from './lines.ts';
import {clipMiddle, displayWidth, padTo, printable} from './text.ts';

export interface TableOptions {
  /** Blanks before the first column. Default 0. */
  readonly indent?: number;
  /** Blanks between columns. Default 2. */
  readonly gap?: number;
  /** The column that gives way, in its middle, where the table is too wide; null: none does. */
  readonly elastic?: number | null;
  /** Columns of the page. Default 80. */
  readonly width?: number;
}

/** Narrowest an elastic column becomes: less would say nothing. */
const elasticWidthMin = 8;

export function table(
  rows: readonly (readonly Piece[])[],
  options: TableOptions = {},
): readonly Line[] {
  const indent = options.indent ?? 0;
  const gap = ' '.repeat(options.gap ?? 2);
  const widths = columnWidths(rows);
  const elastic = options.elastic ?? null;
  if (elastic !== null && widths[elastic] !== undefined) {
    const others = widths.reduce((sum, width) => sum + width + gap.length, 0) - gap.length;
    const excess = indent + others - (options.width ?? pageWidth);
    if (excess > 0) widths[elastic] = Math.max(elasticWidthMin, widths[elastic] - excess);
  }
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      const text = padTo(clipMiddle(textOf(cell), width), width);
      return typeof cell === 'string' ? text : {text, tone: cell.tone};
    });
    return [' '.repeat(indent), ...cells.flatMap((cell, at) => (at === 0 ? [cell] : [gap, cell]))];
  });
}

function columnWidths(rows: readonly (readonly Piece[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      const width = displayWidth(printable(textOf(cell)));
      widths[column] = Math.max(widths[column] ?? 0, width);
    }
  }
  return widths;
}
