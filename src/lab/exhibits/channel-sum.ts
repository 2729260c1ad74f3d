// Many channels.
import { fromNested, ndarray } from "../../base/array.ts";
import { add } from "../../ops/arithmetic.ts";
import { conv2d } from "../../ops/convolution.ts";
import { slice } from "../../ops/copy.ts";
import { compute, counting, known, plane } from "../compute.ts";
import { exhibit, whole } from "../exhibit.ts";
import { composedKernel } from "../measure/kernels.ts";
import { matrices, same } from "../parts.ts";

export const channelSum = exhibit({
  id: "channel-sum",
  title: "A convolution over channels adds maps",
  group: "Channels, pooling, 1x1",
  claim:
    "A multi-channel convolution correlates every channel with its own kernel and adds the maps: one output map, however many channels.",
  formula: "Y = Σ_c  X_c ⋆ K_c",
  parameters: {
    channels: whole(2, 1, 6, "channels: X_c = c, c + 1, …; K_c = c, c + 1, …"),
    size: whole(3, 2, 10, "side of the picture"),
  },
  tryThis: ["Add a channel: another map is added, the output stays one map."],
  source: "Dive into Deep Learning, 7.4.1",
  async run({ channels, size }, { engine }) {
    const x = ndarray(
      [1, channels, size, size],
      Array.from({ length: channels }, (_, c) => Array.from(counting([size, size], c).data)).flat(),
    );
    const k = composedKernel(
      channels,
      fromNested([
        [0, 1],
        [2, 3],
      ]),
      (c, value) => value + c,
    );
    const pieces = Array.from({ length: channels }, (_, c) =>
      conv2d(
        slice(known(x), [undefined, { start: c, stop: c + 1 }]),
        slice(known(k), [undefined, { start: c, stop: c + 1 }]),
      ),
    );
    const outputs = Object.fromEntries(pieces.map((piece, c) => [`channel ${c}`, piece]));
    const found = await compute(engine, {
      ...outputs,
      together: conv2d(known(x), known(k)),
      added: pieces.reduce(add),
    });
    const shown = Object.fromEntries(
      Object.entries(outputs).map(([name]) => [name, plane(found[name as keyof typeof found])]),
    );
    const first = plane(x);
    const written: number[] = [];
    for (let i = 0; i + 1 < size; i++) {
      for (let j = 0; j + 1 < size; j++) {
        let sum = 0;
        for (let c = 0; c < channels; c++) {
          for (let p = 0; p < 4; p++) {
            sum += (p + c) * (first.data[(i + (p >> 1)) * size + j + (p & 1)] + c);
          }
        }
        written.push(sum);
      }
    }
    return {
      parts: [matrices({ ...shown, together: plane(found.together) })],
      checks: [
        same("the layer is the sum of its channels' maps", found.together.data, found.added.data),
        same("and the sum as it is written", found.together.data, written),
      ],
    };
  },
});
