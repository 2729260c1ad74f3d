// Grid sampling against central differences; its values are held against ONNX's conformance cases.
import { checkOp, numbers } from "../../test/check-op.ts";
import { ndarray } from "../base/array.ts";
import { type GridSampleAttributes, gridSampleOp } from "./cards/grid.ts";

const modes = ["bilinear", "bicubic"] as const;
const paddings = ["zeros", "border", "reflection"] as const;

checkOp(gridSampleOp, {
  cases: [],
  hard: { spreads: "what lies outside is read as the first cell, times 0" },
  random(random) {
    const [batch, channels, height, width] = [
      1 + random.below(2),
      1 + random.below(2),
      2 + random.below(3),
      2 + random.below(3),
    ];
    const attributes: GridSampleAttributes = {
      mode: modes[random.below(2)],
      paddingMode: paddings[random.below(3)],
      alignCorners: random.below(2) === 1,
    };
    const shape = [batch, 1 + random.below(2), 1 + random.below(2), 2];
    // Cells away from their centres and edges, where the answer has a kink: cell + 0.1 … 0.4, a little outside too.
    const data = Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => {
      const size = i % 2 === 0 ? width : height;
      const cell = random.below(size + 2) - 1 + 0.1 + 0.3 * random.uniform();
      return attributes.alignCorners ? (2 * cell) / (size - 1) - 1 : (2 * cell + 1) / size - 1;
    });
    return { inputs: [numbers(random, [batch, channels, height, width]), ndarray(shape, data)], attributes };
  },
});
