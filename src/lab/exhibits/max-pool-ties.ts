// Where the gradient goes when two are the largest.
import { fromNested, ndarray } from "../../base/array.ts";
import { gradients } from "../../compile/grad.ts";
import { input } from "../../graph/graph.ts";
import { maxPool2d } from "../../ops/pooling.ts";
import { amax } from "../../ops/reduce.ts";
import { sum } from "../../ops/sum.ts";
import { compute, plane } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { below, equal, matrices, same } from "../parts.ts";

export const maxPoolTies = exhibit({
  id: "max-pool-ties",
  title: "Max pooling and ties",
  group: "Channels, pooling, 1x1",
  claim:
    "Max pooling sends its whole gradient to one cell, the first maximum in reading order; a tie does not split it, while the maximum of a whole axis does.",
  formula: "∂ max / ∂ x[i] = 1 for the first i with x[i] = max, else 0",
  parameters: { side: whole(2, 2, 6, "side of a window that is all ties") },
  tryThis: ["A dead flat picture (a black border) makes ties everywhere: only its upper left corners learn."],
  source: "PyTorch's convention; the gradient of a maximum is not unique where it has a kink",
  async run({ side: k }, { engine }) {
    const n = 2 * k;
    const flat = ndarray([1, 1, n, n], new Float64Array(n * n).fill(1));
    const mixed = fromNested([
      [
        [
          [1, 3, 3, 0],
          [3, 2, 0, 3],
          [0, 0, 5, 5],
          [0, 0, 5, 4],
        ],
      ],
    ]);
    const x = input("x", flat.shape);
    const y = input("y", mixed.shape);
    const [dx] = gradients([sum(maxPool2d(x, k))], [x]);
    const [dy] = gradients([sum(maxPool2d(y, 2))], [y]);
    const [shared] = gradients([sum(amax(y, [2, 3]))], [y]);
    const found = await compute(engine, { dx }, { x: flat });
    const other = await compute(engine, { dy, shared }, { y: mixed });
    const wanted = Float64Array.from({ length: n * n }, (_, i) =>
      Math.floor(i / n) % k === 0 && (i % n) % k === 0 ? 1 : 0,
    );
    const firsts = Float64Array.from(mixed.data, (value, i) => {
      const [row, column] = [Math.floor(i / 4), i % 4];
      const base = (row & ~1) * 4 + (column & ~1);
      const window = [base, base + 1, base + 4, base + 5];
      const best = Math.max(...window.map((at) => mixed.data[at]));
      return value === best && window.find((at) => mixed.data[at] === best) === i ? 1 : 0;
    });
    const ties = Array.from(mixed.data).filter((value) => value === Math.max(...mixed.data)).length;
    const share = Math.max(...other.shared.data);
    return {
      parts: [
        matrices({
          x: plane(mixed),
          "gradient of max pool 2": plane(other.dy),
          "of the maximum of all": plane(other.shared),
        }),
        matrices({ "all ties": plane(flat), gradient: plane(found.dx) }),
      ],
      checks: [
        same("in a flat picture the first cell of each window gets it all", found.dx.data, wanted),
        same("with ties, the first maximum in reading order", other.dy.data, firsts),
        equal(
          "what arrives is what was sent: one for each window",
          Array.from(other.dy.data).reduce((a, b) => a + b, 0),
          4,
        ),
        below("the maximum over an axis shares it among the ties", Math.abs(share - 1 / ties), 1e-6),
      ],
    };
  },
});
