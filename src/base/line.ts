// Names within texts of several lines: what would break a line is written out, so that a name cannot forge one.

/** Line feeds, tabs and carriage returns as \n, \t and \r. */
export const oneLine = (text: string): string =>
  text.replace(/[\n\t\r]/g, (sign) => ({ "\n": "\\n", "\t": "\\t", "\r": "\\r" })[sign] ?? sign);
