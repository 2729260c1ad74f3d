// Probabilities of the classes from a row of logits. It imports nothing, so that a bundle carries it as it is.

export function softmaxRow(logits: Float64Array): Float64Array {
  const top = Math.max(...logits);
  const powers = logits.map((value) => Math.exp(value - top));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return powers.map((value) => value / total);
}
