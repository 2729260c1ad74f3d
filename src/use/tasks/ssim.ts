// Structural similarity of two pictures (Wang, Bovik, Sheikh & Simoncelli 2004): windows of 11x11 weighted by a Gaussian of
// deviation 1.5, only those that lie wholly inside, mean over windows and channels. Smaller pictures have a smaller window.

const deviation = 1.5;
const widest = 11;
const [c1, c2] = [0.01 ** 2, 0.03 ** 2];

/** Of pixels of 0..1, [channels, height, width]; 1 where they are equal. */
export function ssim(a: ArrayLike<number>, b: ArrayLike<number>, [channels, height, width]: readonly number[]): number {
  const least = Math.min(height, width, widest);
  const side = least % 2 === 1 ? least : least - 1;
  const kernel = gaussian(side);
  const plane = height * width;
  let [sum, count] = [0, 0];
  for (let c = 0; c < channels; c++) {
    const at = (of: (x: number, y: number) => number): Float64Array =>
      blurred(
        Float64Array.from({ length: plane }, (_, i) => of(a[c * plane + i], b[c * plane + i])),
        height,
        width,
        kernel,
      );
    const [ma, mb] = [at((x) => x), at((_, y) => y)];
    const [aa, bb, ab] = [at((x) => x * x), at((_, y) => y * y), at((x, y) => x * y)];
    for (let i = 0; i < ma.length; i++) {
      const means = ma[i] * mb[i];
      const [va, vb] = [aa[i] - ma[i] ** 2, bb[i] - mb[i] ** 2];
      const alike = (2 * means + c1) * (2 * (ab[i] - means) + c2);
      sum += alike / ((ma[i] ** 2 + mb[i] ** 2 + c1) * (va + vb + c2));
    }
    count += ma.length;
  }
  return sum / count;
}

function gaussian(side: number): Float64Array {
  const middle = (side - 1) / 2;
  const weights = Float64Array.from({ length: side }, (_, i) => Math.exp(-((i - middle) ** 2) / (2 * deviation ** 2)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** Rows, then columns; only where the window lies inside. */
function blurred(pixels: Float64Array, height: number, width: number, kernel: Float64Array): Float64Array {
  const [across, down] = [width - kernel.length + 1, height - kernel.length + 1];
  const rows = Float64Array.from({ length: height * across }, (_, i) => {
    const from = Math.floor(i / across) * width + (i % across);
    return kernel.reduce((sum, weight, k) => sum + weight * pixels[from + k], 0);
  });
  return Float64Array.from({ length: down * across }, (_, i) =>
    kernel.reduce((sum, weight, k) => sum + weight * rows[i + k * across], 0),
  );
}
