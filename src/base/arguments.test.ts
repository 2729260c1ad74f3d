import assert from "node:assert/strict";
import { test } from "node:test";
import { input } from "../graph/graph.ts";
import { LeakyReLU, ReLU } from "../nn/layers/activation.ts";
import { Conv2d } from "../nn/layers/convolution.ts";
import { Dropout } from "../nn/layers/dropout.ts";
import { Linear } from "../nn/layers/linear.ts";
import { BatchNorm2d, GroupNorm } from "../nn/layers/normalization.ts";
import { MaxPool2d } from "../nn/layers/pooling.ts";
import { conv2d } from "../ops/convolution.ts";
import { understand } from "./arguments.ts";
import { flag, optional, options, real, whole } from "./rules.ts";

/** Calls as JavaScript does: nothing is checked before. */
const call =
  (f: unknown, ...given: unknown[]) =>
  () =>
    (f as (...given: unknown[]) => unknown)(...given);

test("PyTorch's positional arguments are told how they are written here", () => {
  const x = input("x", [1, 3, 8, 8]);
  const w = input("w", [4, 3, 3, 3]);
  const rows: readonly (readonly [() => unknown, string])[] = [
    [call(MaxPool2d, 3, 2), "MaxPool2d takes its options by name, not 2: write MaxPool2d(3, { stride: 2 })."],
    [
      call(Conv2d, 1, 16, 3),
      "Conv2d takes its options by name, not 3: write Conv2d(16, 3), for inChannels comes from the input, or Conv2d(1, 16, { stride: 3 }).",
    ],
    [
      call(Conv2d, 16, 3, 2),
      "Conv2d takes its options by name, not 2: write Conv2d(3, 2), for inChannels comes from the input, or Conv2d(16, 3, { stride: 2 }).",
    ],
    [
      call(Conv2d, 3, 64, 7, 2, 3),
      "Conv2d takes 3 arguments (outChannels, kernelSize, options), not 5: write Conv2d(64, 7, { stride: 2, padding: 3 }), for inChannels comes from the input, or Conv2d(3, 64, { stride: 7, padding: 2, dilation: 3 }).",
    ],
    [
      call(Linear, 64, 10),
      "Linear takes its options by name, not 10: write Linear(10), for inFeatures comes from the input.",
    ],
    [
      call(Linear, 64, 10, false),
      "Linear takes 2 arguments (outFeatures, options), not 3: write Linear(10, { bias: false }), for inFeatures comes from the input.",
    ],
    [call(Dropout, 0.3), "Dropout takes its options by name, not 0.3: write Dropout({ p: 0.3 })."],
    [call(LeakyReLU, 0.2), "LeakyReLU takes its options by name, not 0.2: write LeakyReLU({ negativeSlope: 0.2 })."],
    [
      call(BatchNorm2d, 16),
      "BatchNorm2d takes its options by name, not 16: write BatchNorm2d(), for numFeatures comes from the input.",
    ],
    [
      call(GroupNorm, 4, 16),
      "GroupNorm takes its options by name, not 16: write GroupNorm(4), for numChannels comes from the input, or GroupNorm(4, { eps: 16 }).",
    ],
    [call(ReLU, true), "ReLU takes no argument, not 1."],
    [
      call(conv2d, x, w, undefined, 2, 1),
      "conv2d takes 3 arguments (x, w, options), not 5: write conv2d(x, w, { stride: 2, padding: 1 }).",
    ],
  ];
  for (const [run, message] of rows) assert.throws(run, { name: "NeocogError", message });
});

test("what stands for nothing is refused with the argument's name", () => {
  const rules = {
    n: whole(1),
    deep: optional(real(0)),
    options: options({ loud: flag, inner: options({ size: whole(0) }) }),
  };
  const f = (...given: unknown[]) => understand("f", given, rules);
  const rows: readonly (readonly [() => unknown, string])[] = [
    [() => f(), "f: n is missing; it must be a whole number of at least 1."],
    [() => f(null), "f: n must be a whole number of at least 1; it is null."],
    [() => f(Number.NaN), "f: n must be a whole number of at least 1; it is NaN."],
    [() => f(1e12), "f: n must be at most 2147483647; it is 1000000000000."],
    [() => f(1, "x"), 'f: deep must be a number of at least 0; it is "x".'],
    [() => f(1, 1, null), "f takes its options by name, not null; its options are: loud, inner."],
    [() => f(1, 1, { lood: true }), 'f has no option "lood"; did you mean "loud"?'],
    [() => f(1, 1, { loud: "yes" }), 'f: loud must be true or false; it is "yes".'],
    [() => f(1, 1, { inner: { size: -1 } }), "f's inner: size must be a whole number of at least 0; it is -1."],
    [() => f(1, 1, {}, 2), "f takes 3 arguments (n, deep, options), not 4; its options are: loud, inner."],
  ];
  for (const [run, message] of rows) assert.throws(run, { name: "NeocogError", message });
  f(1, undefined, { loud: undefined, other: undefined });
});

test("a list's own methods may hand on the place and the list", () => {
  const rules = { n: whole(0) };
  const given: unknown[][] = [];
  [4, 5].forEach((...all) => {
    given.push(all);
  });
  for (const all of given) understand("f", all, rules);
  assert.throws(() => understand("f", [4, 0, [5]], rules), /takes 1 argument \(n\), not 3/);
});
