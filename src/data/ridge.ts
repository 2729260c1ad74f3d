// Ridge regression onto the classes: a linear classifier in closed form.
import { width } from "./outlines.ts";

/** A share of the mean square of the features. */
const damping = 0.02;

/** Weights [width, classes] that fit the chosen places of all rows to 1 for their class and 0 for the others. */
export function fitLines(
  rows: readonly Float64Array[],
  labels: readonly number[],
  classes: number,
  chosen: (i: number) => boolean,
): Float64Array {
  const products = new Float64Array(width * width);
  const targets = new Float64Array(width * classes);
  for (const [i, label] of labels.entries()) {
    if (!chosen(i)) continue;
    for (const one of rows) {
      const row = one.subarray(i * width, (i + 1) * width);
      for (let a = 0; a < width; a++) {
        if (row[a] === 0) continue;
        targets[a * classes + label] += row[a];
        for (let b = 0; b <= a; b++) products[a * width + b] += row[a] * row[b];
      }
    }
  }
  let trace = 0;
  for (let a = 0; a < width; a++) trace += products[a * width + a];
  for (let a = 0; a < width; a++) products[a * width + a] += (damping * trace) / width + 1e-9;
  return solve(products, targets, classes);
}

/** The class whose line is highest at row i. */
export function tell(lines: Float64Array, rows: Float64Array, i: number): number {
  const classes = lines.length / width;
  const sums = new Float64Array(classes);
  for (let a = 0; a < width; a++)
    for (let c = 0; c < classes; c++) sums[c] += rows[i * width + a] * lines[a * classes + c];
  return sums.indexOf(Math.max(...sums));
}

/** A x = B for a positive definite A of which the lower half is given (Cholesky); both are overwritten. */
function solve(a: Float64Array, b: Float64Array, columns: number): Float64Array {
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * width + j];
      for (let k = 0; k < j; k++) sum -= a[i * width + k] * a[j * width + k];
      a[i * width + j] = i === j ? Math.sqrt(sum) : sum / a[j * width + j];
    }
  }
  for (let i = 0; i < width; i++) {
    for (let c = 0; c < columns; c++) {
      let sum = b[i * columns + c];
      for (let k = 0; k < i; k++) sum -= a[i * width + k] * b[k * columns + c];
      b[i * columns + c] = sum / a[i * width + i];
    }
  }
  for (let i = width - 1; i >= 0; i--) {
    for (let c = 0; c < columns; c++) {
      let sum = b[i * columns + c];
      for (let k = i + 1; k < width; k++) sum -= a[k * width + i] * b[k * columns + c];
      b[i * columns + c] = sum / a[i * width + i];
    }
  }
  return b;
}
