// RegNet: residual bottlenecks whose widths follow a quantised line, so that a handful of numbers makes a network; Y with
// squeeze-and-excitation, X without. Radosavovic et al. 2020, "Designing network design spaces"; names and start are torchvision's.
import { kaimingNormal, normal, zeros } from "../init.ts";
import type { Layer } from "../layer.ts";
import { ReLU } from "../layers/activation.ts";
import { AdaptiveAvgPool2d } from "../layers/adaptive.ts";
import { SqueezeExcitation } from "../layers/blocks.ts";
import { Residual, Sequential } from "../layers/containers.ts";
import { Conv2d } from "../layers/convolution.ts";
import { Linear } from "../layers/linear.ts";
import { BatchNorm2d } from "../layers/normalization.ts";
import { Flatten } from "../layers/shape.ts";
import { imageNet, type ModelEntry } from "./model.ts";

/** Blocks; width of the first, slope and step of the line; channels a group; squeezed. */
interface Design {
  readonly depth: number;
  readonly first: number;
  readonly slope: number;
  readonly step: number;
  readonly group: number;
  readonly squeezed: boolean;
}

const init = kaimingNormal({ mode: "fanOut", nonlinearity: "relu" });

const unit = (channels: number, kernel: 1 | 3, { stride = 1, groups = 1, relu = true } = {}): Layer =>
  Sequential([
    Conv2d(channels, kernel, { stride, padding: (kernel - 1) / 2, groups, bias: false, init }),
    BatchNorm2d(),
    ...(relu ? [ReLU()] : []),
  ]);

/** To the nearest whole number, halves to the even one. */
function rounded(x: number): number {
  const near = Math.round(x);
  return near - x === 0.5 && near % 2 !== 0 ? near - 1 : near;
}

/** Width and number of blocks of each stage. */
function stagesOf({ depth, first, slope, step, group }: Design): (readonly [width: number, count: number])[] {
  const counts = new Map<number, number>();
  for (let i = 0; i < depth; i++) {
    const power = rounded(Math.log((i * slope + first) / first) / Math.log(step));
    const width = rounded((first * step ** power) / 8) * 8;
    counts.set(width, (counts.get(width) ?? 0) + 1);
  }
  // Every width is divided by its groups.
  return [...counts].map(([width, count]) => {
    const size = Math.min(group, width);
    const near = Math.max(size, Math.floor((width + size / 2) / size) * size);
    return [near < 0.9 * width ? near + size : near, count] as const;
  });
}

function bottleneck(inChannels: number, channels: number, stride: number, { group, squeezed }: Design): Layer {
  const body = Sequential({
    f: Sequential({
      a: unit(channels, 1),
      b: unit(channels, 3, { stride, groups: channels / Math.min(group, channels) }),
      ...(squeezed ? { se: SqueezeExcitation(rounded(0.25 * inChannels), { init }) } : {}),
      c: unit(channels, 1, { relu: false }),
    }),
  });
  const changes = inChannels !== channels || stride > 1;
  return Residual(body, {
    shortcut: changes ? unit(channels, 1, { stride, relu: false }) : undefined,
    ...{ shortcutName: "proj", after: ReLU() },
  });
}

function regnet(design: Design, classes: number): Layer {
  let inChannels = 32;
  const stages = stagesOf(design).map(([width, count], stage) => {
    const blocks = Array.from({ length: count }, (_, i) => {
      const block = bottleneck(inChannels, width, i === 0 ? 2 : 1, design);
      inChannels = width;
      return [`block${stage + 1}-${i}`, block] as const;
    });
    return [`block${stage + 1}`, Sequential(blocks)] as const;
  });
  return Sequential({
    stem: unit(32, 3, { stride: 2 }),
    trunk_output: Sequential(stages),
    avgpool: AdaptiveAvgPool2d(1),
    flatten: Flatten(),
    fc: Linear(classes, { init: normal(0, 0.01), biasInit: zeros }),
  });
}

const designs = {
  regnet_y_400mf: [16, 48, 27.89, 2.09, 8],
  regnet_y_800mf: [14, 56, 38.84, 2.4, 16],
  regnet_y_1_6gf: [27, 48, 20.71, 2.65, 24],
  regnet_x_400mf: [22, 24, 24.48, 2.54, 16],
  regnet_x_800mf: [16, 56, 35.73, 2.28, 16],
  regnet_x_1_6gf: [18, 80, 34.01, 2.25, 24],
} as const;

export const regnetModels: readonly ModelEntry[] = (Object.keys(designs) as (keyof typeof designs)[]).map((name) => {
  const [depth, first, slope, step, group] = designs[name];
  const squeezed = name.startsWith("regnet_y");
  const size = name
    .replace(/^regnet_._/, "")
    .replace("_", ".")
    .toUpperCase()
    .replace("MF", " MF")
    .replace("GF", " GF");
  return {
    name,
    about: `RegNet${squeezed ? "Y" : "X"} of ${size} as in torchvision`,
    defaults: imageNet(),
    build: ({ classes }) => regnet({ depth, first, slope, step, group, squeezed }, classes),
  };
});
