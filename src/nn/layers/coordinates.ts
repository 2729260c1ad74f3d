// CoordConv (Liu et al. 2018, 1807.03247): two channels more, which hold the place itself from −1 to 1, so that a
// convolution may know where it is when the task asks for it.
import { understand } from "../../base/arguments.ts";
import { ndarray } from "../../base/array.ts";
import { options as byName, flag, perAxis, type RuleTable, whole } from "../../base/rules.ts";
import { constantTensor } from "../../graph/graph.ts";
import { concat } from "../../ops/copy.ts";
import type { PerAxis } from "../../ops/geometry.ts";
import { broadcastTo } from "../../ops/sum.ts";
import { type Layer, type LayerType, layerOf } from "../layer.ts";
import type { AnyCall } from "../shapes/calls.ts";
import { Sequential } from "./containers.ts";
import { Conv2d, type ConvolutionOptions, checkRank, convolutionRules, convolutionTorch } from "./convolution.ts";

/** Options of AddCoordinates. */
export interface CoordinatesOptions {
  /** A third channel with the distance from the middle ; false unless told. */
  readonly radius?: boolean;
}

/** −1 for the first place, 1 for the last; 0 where there is one only. */
const coordinate = (i: number, n: number): number => (n === 1 ? 0 : (2 * i) / (n - 1) - 1);

const coordinates: LayerType<CoordinatesOptions> = {
  name: "AddCoordinates",
  rules: { radius: flag },
  build(x, { options: { radius = false } }) {
    checkRank(x, 2);
    const [batch, , height, width] = x.shape;
    const maps: ((y: number, x: number) => number)[] = [(y) => y, (_, column) => column];
    if (radius) maps.push(Math.hypot);
    const data = maps.flatMap((map) =>
      Array.from({ length: height * width }, (_, i) =>
        map(coordinate(Math.floor(i / width), height), coordinate(i % width, width)),
      ),
    );
    const places = constantTensor(ndarray([1, maps.length, height, width], Float64Array.from(data)));
    return concat([x, broadcastTo(places, [batch, maps.length, height, width])], 1);
  },
};

/**
 * Joins the coordinates of each place to the channels, from −1 to 1, [N, C, H, W] to [N, C + 2, H, W] (Liu et al.
 * 2018, 1807.03247): row, column and, if asked, the distance from the middle (C + 3). Throws for an input of other
 * than 4 axes.
 */
export const AddCoordinates = layerOf<AnyCall<[options?: CoordinatesOptions]>>(coordinates);

const coordConvCall: RuleTable = {
  outChannels: whole(1),
  kernelSize: perAxis(1, 2),
  options: byName({ ...convolutionRules(2), radius: flag }),
};

/**
 * A convolution that also sees where it is, [N, C, H, W] to [N, outChannels, H', W'] (Liu et al. 2018, 1807.03247):
 * AddCoordinates before Conv2d, with the options and errors of both.
 */
export function CoordConv2d(
  outChannels: number,
  kernelSize: PerAxis,
  options: ConvolutionOptions & CoordinatesOptions = {},
): Layer {
  understand("CoordConv2d", arguments, coordConvCall, convolutionTorch);
  const { radius, ...rest } = options;
  return Sequential([
    ["", AddCoordinates({ radius })],
    ["", Conv2d(outChannels, kernelSize, rest)],
  ]);
}

export const coordinateTypes = [coordinates] as const;
