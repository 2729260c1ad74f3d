// One array that functions write into before they copy it back: making a new one for each picture takes longer than many of the
// changes themselves. Nothing is kept in it between two calls.

let held = new Float32Array();

/** So many numbers, of whatever value; good until the next call. */
export function scratch(length: number): Float32Array {
  if (held.length < length) held = new Float32Array(length);
  return held.length === length ? held : held.subarray(0, length);
}
