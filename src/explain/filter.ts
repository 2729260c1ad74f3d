// Blurring and shifting pictures whose planes [height, width] lie one after the other.

/** A Gaussian blur along both axes; pixels beyond the edge count as the edge's. */
export function blur(planes: Float64Array, height: number, width: number, deviation: number): Float64Array {
  const reach = Math.max(1, Math.ceil(3 * deviation));
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * deviation ** 2)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const along = (from: Float64Array, length: number, step: number): Float64Array =>
    from.map((_, i) => {
      const place = Math.floor(i / step) % length;
      let sum = 0;
      for (let k = -reach; k <= reach; k++) {
        const near = Math.min(length - 1, Math.max(0, place + k));
        sum += weights[k + reach] * from[i + (near - place) * step];
      }
      return sum / total;
    });
  return along(along(planes, width, 1), height, width);
}

/** A circular shift: what was at (y, x) goes to (y + down, x + right). */
export function roll(planes: Float64Array, height: number, width: number, down: number, right: number): Float64Array {
  if (down === 0 && right === 0) return planes;
  const wrap = (place: number, size: number): number => ((place % size) + size) % size;
  const moved = new Float64Array(planes.length);
  for (let i = 0; i < planes.length; i++) {
    const x = i % width;
    const y = Math.floor(i / width) % height;
    moved[i - y * width - x + wrap(y + down, height) * width + wrap(x + right, width)] = planes[i];
  }
  return moved;
}
