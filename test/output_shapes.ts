// Output sizes that were checked against PyTorch: out = floor((n + p − k) / s) + 1 with p the total padding, and the cells
// at the end that no window reaches; then windows that cannot be, where the formula gives 0 or less.

/** n, k, total padding, stride, output, unused cells. */
export const outputShapes: readonly (readonly [number, number, number, number, number, number])[] = [
  [3, 2, 0, 1, 2, 0],
  [3, 2, 2, 1, 4, 0],
  [5, 3, 2, 2, 3, 0],
  [6, 3, 2, 2, 3, 1],
  [7, 3, 2, 2, 4, 0],
  [8, 3, 2, 1, 8, 0],
  [8, 3, 2, 2, 4, 1],
  [28, 5, 4, 1, 28, 0],
  [28, 5, 0, 1, 24, 0],
  [14, 5, 0, 1, 10, 0],
  [32, 5, 0, 1, 28, 0],
  [224, 11, 2, 4, 54, 3],
  [224, 11, 0, 4, 54, 1],
  [227, 11, 0, 4, 55, 0],
  [224, 11, 4, 4, 55, 1],
  [224, 7, 6, 2, 112, 1],
  [224, 3, 2, 2, 112, 1],
  [225, 3, 2, 2, 113, 0],
  [112, 3, 2, 2, 56, 1],
  [54, 3, 0, 2, 26, 1],
  [55, 3, 0, 2, 27, 0],
  [26, 3, 0, 2, 12, 1],
  [7, 2, 1, 1, 7, 0],
  [8, 4, 3, 2, 4, 1],
  [9, 4, 3, 2, 5, 0],
  [8, 1, 0, 2, 4, 1],
  [1, 1, 0, 1, 1, 0],
  [5, 5, 0, 3, 1, 0],
];

/** n, k, total padding, stride. */
export const impossibleShapes: readonly (readonly [number, number, number, number])[] = [
  [3, 5, 0, 3],
  [4, 5, 0, 2],
  [2, 5, 0, 4],
  [1, 5, 0, 1],
];
