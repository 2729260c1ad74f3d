// Networks that make maps halve their pictures and double them again: sizes that cannot be halved evenly are refused with the nearest
// ones that can.
import { NeocogError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { build } from "../nn/build.ts";
import type { Layer } from "../nn/layer.ts";

/** Sides are tried that are multiples of these, the smallest first. */
const multiples = [2, 4, 8, 16, 32, 64];

/** Throws for a network whose maps are not as large as its pictures [channels, height, width], or a whole number of times as large. */
export function checkMapSize(model: Layer, [channels, height, width]: Shape): void {
  const error = failureAt(model, [channels, height, width]);
  if (error === undefined) return;
  for (const times of multiples) {
    const [up, down] = [Math.ceil, Math.floor].map((round) =>
      [height, width].map((side) => times * round(side / times)),
    );
    const fitting = [up, down].filter(([h, w]) => h > 0 && w > 0);
    if (fitting.some(([h, w]) => failureAt(model, [channels, h, w]) !== undefined)) continue;
    const [[h, w]] = fitting;
    const said = [...new Set(fitting.map(([one, other]) => `${other} x ${one}`))].join(" or ");
    throw new NeocogError(
      (name) =>
        `The network makes no maps of pictures of ${width} x ${height} pixels, which its layers cannot halve evenly; multiples of ${times} fit, such as ${said}: ${name("size", [h, w])}.`,
    );
  }
  // No size mends it: the network is another one than is wanted, and says so itself.
  if (error instanceof NeocogError) throw error;
}

/** Why there are no maps; undefined where there are some, "size" where they have another size. */
function failureAt(model: Layer, [channels, height, width]: Shape): NeocogError | "size" | undefined {
  try {
    const { shape } = build(model, [1, channels, height, width]).output;
    if (shape.length !== 4) return undefined;
    const times = shape[2] / height;
    return Number.isInteger(times) && times >= 1 && shape[3] === times * width ? undefined : "size";
  } catch (error) {
    if (error instanceof NeocogError) return error;
    throw error;
  }
}
