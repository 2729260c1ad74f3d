// Mistakes, each on a line of its own after the words that the compiler must say there, and only there. This file is not
// part of the build: mistakes.test.ts compiles it and holds every message against its line.
import {
  AvgPool2d,
  BatchNorm2d,
  Branches,
  Conv1d,
  Conv2d,
  Conv3d,
  ConvTranspose2d,
  Flatten,
  GlobalAvgPool2d,
  InstanceNorm1d,
  Linear,
  loadWeights,
  MaxPool2d,
  MaxPool3d,
  PixelShuffle,
  PixelUnshuffle,
  ReLU,
  Reshape,
  Residual,
  Sequential,
  typed,
  ZeroPad2d,
} from "../../src/doors/neocog.ts";

// wrong: Layer "0" (Conv2d): along the height the input has 2 cells and padding adds 0, but the kernel of 3 needs 3
typed([1, 2, 28], [Conv2d(16, 3)]);
// wrong: Layer "0" (Conv2d): along the width the input has 2 cells and padding adds 0, but the kernel of 3 needs 3
typed([1, 28, 2], [Conv2d(16, 3)]);
// wrong: Layer "0" (Conv2d): along the height the input has 5 cells and padding adds 2, but the kernel of 3 needs 9
typed([1, 5, 28], [Conv2d(16, 3, { dilation: 4, padding: 1 })]);
// wrong: Layer "2" (Conv2d): along the height the input has 2 cells
typed([1, 6, 6], [Conv2d(4, 3), MaxPool2d(2), Conv2d(8, 3), Flatten(), Linear(10)]);
// wrong: Layer "1" (MaxPool2d): along the height the input has 1 cells and padding adds 0, but the kernel of 2 needs 2
typed([1, 3, 3], [Conv2d(4, 3), MaxPool2d(2)]);
// wrong: Layer "0" (AvgPool2d): along the width
typed([1, 9, 4], [AvgPool2d([3, 5])]);
// wrong: Layer "0" (Conv2d): it needs an input [channels, height, width], not [784]
typed([784], [Conv2d(16, 3)]);
// wrong: Layer "1" (Conv2d): it needs an input [channels, height, width], not [784]
typed([1, 28, 28], [Flatten(), Conv2d(16, 3)]);
// wrong: Layer "0" (Conv1d): it needs an input [channels, width], not [1, 28, 28]
typed([1, 28, 28], [Conv1d(16, 3)]);
// wrong: Layer "0" (Conv3d): it needs an input [channels, depth, height, width], not [1, 28, 28]
typed([1, 28, 28], [Conv3d(16, 3)]);
// wrong: Layer "0" (MaxPool3d): it needs an input [channels, depth, height, width], not [1, 28, 28]
typed([1, 28, 28], [MaxPool3d(2)]);
// wrong: Layer "1" (BatchNorm2d): it needs an input [channels, height, width], not [10]
typed([10], [Linear(10), BatchNorm2d()]);
// wrong: Layer "0" (InstanceNorm1d): it needs an input [channels, width], not [4, 8, 8]
typed([4, 8, 8], [InstanceNorm1d()]);
// wrong: Layer "0" (Conv2d): groups = 2 must divide the 3 channels of the input
typed([3, 28, 28], [Conv2d(16, 3, { groups: 2 })]);
// wrong: Layer "1" (Conv2d): groups = 8 must divide the 12 channels of the input
typed([3, 28, 28], [Conv2d(12, 1), Conv2d(16, 3, { groups: 8 })]);
// wrong: Layer "0" (ConvTranspose2d): it needs an input [channels, height, width], not [16]
typed([16], [ConvTranspose2d(16, 3)]);
// wrong: Layer "0" (ConvTranspose2d): the padding is larger than what it is taken from
typed([16, 1, 1], [ConvTranspose2d(16, 3, { padding: 4 })]);
// wrong: Layer "0" (Residual): the body gives [32, 28, 28], but the shortcut gives [16, 28, 28]
typed([16, 28, 28], [Residual(Conv2d(32, 3, { padding: 1 }))]);
// wrong: Layer "0" (Residual): the body gives [16, 26, 26], but the shortcut gives [16, 28, 28]
typed([16, 28, 28], [Residual(Conv2d(16, 3))]);
// wrong: Layer "0" (Residual): the body gives [16, 14, 14], but the shortcut gives [16, 28, 28]
typed([16, 28, 28], [Residual(Conv2d(16, 3, { padding: 1, stride: 2 }), { shortcut: Conv2d(16, 1) })]);
// wrong: Layer "0.downsample" (Conv2d): groups = 3 must divide the 16 channels
typed([16, 28, 28], [Residual(Conv2d(16, 3, { padding: 1 }), { shortcut: Conv2d(16, 1, { groups: 3 }) })]);
// wrong: Layer "0.1" (Conv2d): along the height the input has 1 cells
typed([16, 3, 3], [Residual(Sequential([Conv2d(16, 3), Conv2d(16, 3)]))]);
// wrong: Layer "1.2" (Conv2d): it needs an input [channels, height, width], not [144]
typed([1, 8, 8], [Conv2d(4, 3), Sequential([ReLU(), Flatten(), Conv2d(3, 3)])]);
// wrong: Layer "0" (Branches): one branch gives [3, 9, 9], another [5, 7, 7]; only the channels may differ
typed([4, 9, 9], [Branches([Conv2d(3, 1), Conv2d(5, 3)])]);
// wrong: Layer "1" (Branches): one branch gives
typed([4, 9, 9], [ReLU(), Branches([Conv2d(3, 1), MaxPool2d(3, { stride: 2 }), Conv2d(1, 1)])]);
// wrong: Layer "0" (PixelShuffle): 6 channels are no multiple of 4, the square of the factor 2
typed([6, 9, 9], [PixelShuffle(2)]);
// wrong: Layer "0" (PixelUnshuffle): a map of 9 by 8 cells does not divide by the factor 2
typed([6, 9, 8], [PixelUnshuffle(2)]);
// wrong: Layer "0" (Reshape): [1, 28, 28] holds 784 numbers, [2, 400] 800
typed([1, 28, 28], [Reshape([2, 400])]);
// wrong: Layer "0" (ZeroPad2d): it needs an input [channels, height, width], not [28]
typed([28], [ZeroPad2d(1)]);
// wrong: Layer "2" (GlobalAvgPool2d): it needs an input [channels, height, width], not [128]
typed([8, 4, 4], [ReLU(), Flatten(), GlobalAvgPool2d()]);
// wrong: Layer "3" (MaxPool2d): along the height the input has 1 cells
typed([1, 8, 8], [MaxPool2d(2), MaxPool2d(2), MaxPool2d(2), MaxPool2d(2), Flatten(), Linear(2)]);
// wrong: Layer "0.0.0" (Conv2d): along the height the input has 2 cells
typed([1, 2, 2], [Sequential([Sequential([Conv2d(1, 5)])])]);
// wrong: 'paddin' does not exist
typed([1, 28, 28], [Conv2d(16, 3, { paddin: 1 })]);
// wrong: Type 'string' is not assignable to type
typed([1, 28, 28], [Conv2d(16, 3, { stride: "2" })]);
// wrong: Type '"sane"' is not assignable to type
typed([1, 28, 28], [Conv2d(16, 3, { padding: "sane" })]);
// wrong: Argument of type 'string' is not assignable to parameter of type
typed([1, 28, 28], [Conv2d(16, "3")]);
// wrong: Type 'TypedModel<[1, 28, 28], [16, 26, 26]>' is not assignable to type
export const kept: { readonly outputShape: [16, 28, 28] } = typed([1, 28, 28], [Conv2d(16, 3)]);
// wrong: 'ceil' does not exist
typed([1, 28, 28], [MaxPool2d(2, { ceil: true })]);
// wrong: 'padding' does not exist in type 'Layer<object>'
typed([1, 28, 28], [{ padding: 1 }]);
// wrong: Expected 1-2 arguments, but got 0
typed([1, 28, 28], [Flatten(), Linear()]);
// wrong: has no properties in common with type
typed([1, 28, 28], [MaxPool2d(3, 2)]);
// wrong: has no properties in common with type
typed([1, 28, 28], [Conv2d(1, 16, 3)]);
const dots = typed([1, 4, 4], [Conv2d(2, 3), Flatten(), Linear(3)]);
// wrong: Type '5' is not assignable to type '4'
loadWeights(dots, [1, 1, 5, 4], "dots.safetensors");
