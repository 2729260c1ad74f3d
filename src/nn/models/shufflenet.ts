// ShuffleNetV2: each block works on one half of the channels, hands the other on, and deals the halves out anew.
// Ma et al. 2018, "ShuffleNet V2: practical guidelines for efficient CNN architecture design"; names are torchvision's.
import type { Layer } from "../layer.ts";
import { ReLU } from "../layers/activation.ts";
import { AdaptiveAvgPool2d } from "../layers/adaptive.ts";
import { Narrow } from "../layers/blocks.ts";
import { Branches, Sequential } from "../layers/containers.ts";
import { Conv2d } from "../layers/convolution.ts";
import { Linear } from "../layers/linear.ts";
import { BatchNorm2d } from "../layers/normalization.ts";
import { MaxPool2d } from "../layers/pooling.ts";
import { ChannelShuffle } from "../layers/resize.ts";
import { Flatten } from "../layers/shape.ts";
import { imageNet, type ModelEntry } from "./model.ts";

const plain = (channels: number, kernel: 1 | 3, stride = 1): Layer[] => [
  Conv2d(channels, kernel, { stride, padding: (kernel - 1) / 2, bias: false }),
  BatchNorm2d(),
  ReLU(),
];
const depthwise = (channels: number, stride: number): Layer[] => [
  Conv2d(channels, 3, { stride, padding: 1, groups: channels, bias: false }),
  BatchNorm2d(),
];

/** Both halves from all channels, half as large. */
function halving(inChannels: number, half: number): Layer {
  return Sequential([
    [
      "",
      Branches({
        branch1: Sequential([...depthwise(inChannels, 2), ...plain(half, 1)]),
        branch2: Sequential([...plain(half, 1), ...depthwise(half, 2), ...plain(half, 1)]),
      }),
    ],
    ["", ChannelShuffle(2)],
  ]);
}

/** One half as it is, beside what becomes of the other. */
function keeping(half: number): Layer {
  const worked = Sequential([...plain(half, 1), ...depthwise(half, 1), ...plain(half, 1)]);
  return Sequential([
    [
      "",
      Branches([
        ["", Narrow(1, 0, half)],
        [
          "",
          Sequential([
            ["", Narrow(1, half, half)],
            ["branch2", worked],
          ]),
        ],
      ]),
    ],
    ["", ChannelShuffle(2)],
  ]);
}

function shufflenetV2(widths: readonly number[], last: number, classes: number): Layer {
  const stage = (i: number): Layer =>
    Sequential(
      Array.from({ length: [4, 8, 4][i] }, (_, block) =>
        block === 0 ? halving(i === 0 ? 24 : widths[i - 1], widths[i] / 2) : keeping(widths[i] / 2),
      ),
    );
  return Sequential({
    conv1: Sequential(plain(24, 3, 2)),
    maxpool: MaxPool2d(3, { stride: 2, padding: 1 }),
    ...{ stage2: stage(0), stage3: stage(1), stage4: stage(2) },
    conv5: Sequential(plain(last, 1)),
    avgpool: AdaptiveAvgPool2d(1),
    flatten: Flatten(),
    fc: Linear(classes),
  });
}

export const shufflenetModels: readonly ModelEntry[] = (
  [
    ["shufflenet_v2_x0_5", "0.5", [48, 96, 192], 1024],
    ["shufflenet_v2_x1_0", "1", [116, 232, 464], 1024],
  ] as const
).map(([name, times, widths, last]) => ({
  name,
  about: `ShuffleNetV2 at ${times} times its width, as in torchvision`,
  defaults: imageNet(),
  build: ({ classes }) => shufflenetV2(widths, last, classes),
}));
