// Occlusion: how much the class score falls when a part of the picture is covered (Zeiler & Fergus 2014, arXiv:1311.2901).
// No gradient at all: a window goes over the picture, and every place of it is one more picture of a batch.
import { ndarray } from "../../base/array.ts";
import { NeocogError } from "../../base/errors.ts";
import { sizeOf } from "../../base/shape.ts";
import { checkWhole, type Method } from "../method.ts";
import { buildNetwork } from "../network.ts";
import { openRunner } from "../runner.ts";

export interface OcclusionOptions {
  /** Height and width of the window; an eighth of the picture's shorter side, at least 2, unless told. */
  readonly window?: number;
  /** Step from one place to the next; half the window unless told. */
  readonly stride?: number;
  /** What covers, on the scale of the network's input; 0 (the mean of the training pictures) unless told. */
  readonly fill?: number;
}

export const occlusion: Method<OcclusionOptions> = {
  title: "Occlusion",
  about: "how much the score falls when a window covers each place",
  source: "Zeiler, Fergus 2014, arXiv:1311.2901",
  options: ["window", "stride", "fill"],
  async open(subject, picture, engine, options) {
    const [channels, height, width] = picture;
    const window = options.window ?? Math.max(2, Math.round(Math.min(height, width) / 8));
    const stride = options.stride ?? Math.max(1, Math.floor(window / 2));
    const { fill = 0 } = options;
    checkWhole("The window of occlusion", window, 1);
    checkWhole("The stride of occlusion", stride, 1);
    if (!Number.isFinite(fill)) throw new NeocogError(`The fill of occlusion must be a number, not ${fill}.`);
    if (window > Math.min(height, width))
      throw new NeocogError(
        `A window of ${window} is larger than the picture of ${height} x ${width}; use a smaller one.`,
      );
    const rows = places(height, window, stride);
    const columns = places(width, window, stride);
    const count = rows.length * columns.length;
    const network = buildNetwork(subject, picture, count + 1);
    const runner = await openRunner(network, { scores: network.scores }, engine, subject.weights);
    return {
      async find(x, target) {
        const size = sizeOf(picture);
        // The first picture is whole.
        const covered = new Float64Array((count + 1) * size);
        for (let i = 0; i <= count; i++) covered.set(x.data, i * size);
        rows.forEach((top, i) => {
          columns.forEach((left, j) => {
            const start = (1 + i * columns.length + j) * size;
            for (let c = 0; c < channels; c++) {
              for (let y = top; y < top + window; y++) {
                const row = start + (c * height + y) * width;
                covered.fill(fill, row + left, row + left + window);
              }
            }
          });
        });
        const { scores } = await runner.run(ndarray([count + 1, ...picture], covered));
        const classes = scores.shape[1];
        const drops = Float64Array.from(
          { length: count },
          (_, i) => scores.data[target] - scores.data[(i + 1) * classes + target],
        );
        const values = ndarray([rows.length, columns.length], drops);
        const map = spread(drops, rows, columns, window, height, width);
        return {
          values,
          drawing: { kind: "map", array: ndarray([height, width], map), signed: true },
          numbers: { window, stride, score: scores.data[target], "largest drop": Math.max(...drops) },
        };
      },
      load: (weights) => runner.load(weights),
      release: () => runner.release(),
    };
  },
};

/** Where windows start; a last one is flush with the end, so that every pixel is covered once at least. */
function places(size: number, window: number, stride: number): number[] {
  const list: number[] = [];
  for (let start = 0; start + window <= size; start += stride) list.push(start);
  if (list[list.length - 1] + window < size) list.push(size - window);
  return list;
}

/** To each pixel the mean drop of the windows that covered it; a pixel that none covered (stride > window) gets 0. */
function spread(
  drops: Float64Array,
  rows: readonly number[],
  columns: readonly number[],
  window: number,
  height: number,
  width: number,
): Float64Array {
  const map = new Float64Array(height * width);
  const covers = new Float64Array(height * width);
  rows.forEach((top, i) => {
    columns.forEach((left, j) => {
      for (let y = top; y < top + window; y++) {
        for (let x = left; x < left + window; x++) {
          map[y * width + x] += drops[i * columns.length + j];
          covers[y * width + x]++;
        }
      }
    });
  });
  return map.map((total, i) => (covers[i] === 0 ? 0 : total / covers[i]));
}
