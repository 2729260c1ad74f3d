// Means of probabilities that are known by their logarithms, without underflow.

/** ln((e^one + e^other) / 2). */
export function logMean(one: number, other: number): number {
  const top = Math.max(one, other);
  return top === -Infinity ? top : top + Math.log((Math.exp(one - top) + Math.exp(other - top)) / 2);
}

/**
 * Logarithms of the mean probabilities of two answers, [classes, choices] of logits: softmax over the classes gives those
 * probabilities. One choice a picture, or one a pixel.
 */
export function mergedLogits(one: Float64Array, other: Float64Array, choices: number): Float64Array {
  const classes = one.length / choices;
  const result = new Float64Array(one.length);
  for (let i = 0; i < choices; i++) {
    const [first, second] = [one, other].map((logits) => logTotal(logits, i, choices));
    for (let c = 0; c < classes; c++) {
      const at = c * choices + i;
      result[at] = logMean(one[at] - first, other[at] - second);
    }
  }
  return result;
}

/** ln of the sum of e^logit over the classes of a choice. */
function logTotal(logits: Float64Array, choice: number, choices: number): number {
  let top = -Infinity;
  for (let at = choice; at < logits.length; at += choices) top = Math.max(top, logits[at]);
  let total = 0;
  for (let at = choice; at < logits.length; at += choices) total += Math.exp(logits[at] - top);
  return top + Math.log(total);
}
