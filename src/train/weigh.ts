// Class weights by which every class counts for as much, however many pictures it has.

/** One weight a class, count / (classes x pictures of the class): every class counts for as much in all; 0 for one without. */
export function balanced(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, n) => sum + n, 0);
  const present = counts.filter((n) => n > 0).length;
  return counts.map((n) => (n === 0 ? 0 : total / (present * n)));
}
