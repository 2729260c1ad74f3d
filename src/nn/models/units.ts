// What the networks of torchvision share: a convolution with its batch norm and activation, and widths that eight divides.
import { kaimingNormal } from "../init.ts";
import type { Layer } from "../layer.ts";
import { StochasticDepth } from "../layers/blocks.ts";
import { Residual, Sequential } from "../layers/containers.ts";
import { Conv2d } from "../layers/convolution.ts";
import { BatchNorm2d, type BatchNormOptions } from "../layers/normalization.ts";

export interface UnitOptions {
  readonly stride?: number;
  readonly groups?: number;
  /** What comes after the norm; nothing unless told. */
  readonly activation?: () => Layer;
  readonly norm?: BatchNormOptions;
}

/** How these networks' convolutions start. */
export const fanOut = kaimingNormal({ mode: "fanOut" });

/** Convolution without bias, batch norm, activation: "0", "1" and "2". */
export function unit(
  channels: number,
  kernel: number,
  { stride = 1, groups = 1, activation, norm }: UnitOptions = {},
): Layer {
  return Sequential([
    Conv2d(channels, kernel, { stride, padding: (kernel - 1) / 2, groups, bias: false, init: fanOut }),
    BatchNorm2d(norm),
    ...(activation ? [activation()] : []),
  ]);
}

/** The nearest multiple of 8, but not below nine tenths. */
export function dividedByEight(channels: number): number {
  const near = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return near < 0.9 * channels ? near + 8 : near;
}

/** The input plus what the body makes of it, left out with probability p while training. */
export const around = (body: Layer, p = 0): Layer =>
  Residual(
    p > 0
      ? Sequential([
          ["", body],
          ["", StochasticDepth(p)],
        ])
      : body,
  );
