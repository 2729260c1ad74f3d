// Recurrent cells: the card in every engine, PyTorch's numbers and gradients by the functions, and PyTorch's stacks by the layers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFixture } from "../../test/check-fixture.ts";
import { checkOp, numbers } from "../../test/check-op.ts";
import { type FixtureCase, readFixtures } from "../../test/fixtures.ts";
import { ShapeError } from "../base/errors.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { input, type Tensor } from "../graph/graph.ts";
import { build } from "../nn/build.ts";
import type { Layer } from "../nn/layer.ts";
import { GRU, LSTM, RNN } from "../nn/layers/recurrent.ts";
import { loadState, stateShapes } from "../nn/state.ts";
import { openSession } from "../run/session.ts";
import { type Cell, type RecurrentAttributes, recurrentOp } from "./cards/recurrent.ts";
import { concat, slice } from "./copy.ts";
import { gru, type LstmOptions, lstm, rnn } from "./recurrent.ts";
import { reshape } from "./reshape.ts";

const counts: Readonly<Record<Cell, number>> = { lstm: 4, gru: 3, tanh: 1, relu: 1 };

checkOp<RecurrentAttributes>(recurrentOp, {
  cases: [],
  random(random) {
    const cell = (["lstm", "gru", "tanh", "relu"] as const)[random.below(4)];
    const [t, n, width, h] = [1 + random.below(5), 1 + random.below(3), 1 + random.below(4), 1 + random.below(6)];
    const [reverse, resetAfter, biases, initial] = Array.from({ length: 4 }, () => random.below(2) === 1);
    const wide = counts[cell] * h;
    const shapes = [
      ...[
        [t, n, width],
        [wide, width],
        [wide, h],
      ],
      ...(biases ? [[wide], [wide]] : []),
      ...(initial ? [[n, h], ...(cell === "lstm" ? [[n, h]] : [])] : []),
      ...(cell === "lstm" && random.below(2) === 1 ? [[3 * h]] : []),
    ];
    return {
      inputs: shapes.map((shape) => numbers(random, shape, -1, 1)),
      attributes: { cell, reverse, resetAfter, biases, initial },
      macs: t * n * wide * (width + h),
    };
  },
  seeds: 16,
});

const cases = readFixtures("recurrent");

/** A stack of one or two directions made of the functions, from a case's inputs. */
function stacked({ op, attributes }: FixtureCase, given: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const [ends, lastH, lastC] = [attributes.bidirectional ? ["", "_reverse"] : [""], [] as Tensor[], [] as Tensor[]];
  let x = given.x;
  for (let layer = 0; layer < (attributes.layers as number); layer++) {
    const outputs = ends.map((end) => {
      const named = (kind: string): Tensor => given[`${kind}_l${layer}${end}`];
      const own = (all: Tensor | undefined): Tensor | undefined =>
        all && reshape(slice(all, [{ start: lastH.length, stop: lastH.length + 1 }]), all.shape.slice(1));
      const options: LstmOptions = {
        ...{ biasIh: named("bias_ih"), biasHh: named("bias_hh"), h0: own(given.h0), reverse: end !== "" },
      };
      const weights = [named("weight_ih"), named("weight_hh")] as const;
      if (op === "lstm") {
        const { output, h, c } = lstm(x, ...weights, { ...options, c0: own(given.c0) });
        lastC.push(reshape(c, [1, ...c.shape]));
        lastH.push(reshape(h, [1, ...h.shape]));
        return output;
      }
      const nonlinearity = op === "rnn_relu" ? "relu" : "tanh";
      const run = op === "gru" ? gru(x, ...weights, options) : rnn(x, ...weights, { ...options, nonlinearity });
      lastH.push(reshape(run.h, [1, ...run.h.shape]));
      return run.output;
    });
    x = concat(outputs, 2);
  }
  return { output: x, h: concat(lastH, 0), ...(lastC.length > 0 ? { c: concat(lastC, 0) } : {}) };
}

test(`PyTorch: ${cases.length} runs with gradients`, async () => {
  for (const one of cases) await checkFixture(one, (given) => stacked(one, given));
});

test("layers give what PyTorch's stacks give, under its names", async () => {
  for (const one of cases.filter(({ input: { h0 } }) => !h0)) {
    const { hidden, layers, bidirectional, bias } = one.attributes as {
      readonly [key in "hidden" | "layers" | "bidirectional" | "bias"]: number;
    };
    const options = { numLayers: layers, bidirectional: Boolean(bidirectional), bias: Boolean(bias) };
    const makers: Readonly<Record<string, () => Layer>> = {
      lstm: () => LSTM(hidden, options),
      gru: () => GRU(hidden, options),
      rnn_tanh: () => RNN(hidden, options),
      rnn_relu: () => RNN(hidden, { ...options, nonlinearity: "relu" }),
    };
    const { x, ...weights } = one.input;
    const built = build(makers[one.op](), x.shape);
    const state = new Map(Object.entries(weights));
    assert.deepEqual([...stateShapes(built.variables).keys()], [...state.keys()]);
    const session = await openSession({ outputs: { y: built.output }, updates: [] }, referenceEngine(), {
      state: loadState(built.variables, state).state,
    });
    const { y } = await session.run({ input: x });
    y.data.forEach((value, i) => {
      assert.ok(Math.abs(value - one.output.output.data[i]) < 1e-9, `${one.name}: ${value} at ${i}`);
    });
  }
});

test("what does not fit is refused in words", () => {
  const x = input("x", [4, 2, 3]);
  const [w, r] = [input("w", [8, 3]), input("r", [8, 2])];
  const refused: [() => unknown, RegExp][] = [
    [() => lstm(input("y", [4, 3]), w, r), /lstm needs an input \[steps, batch, features\], not \[4, 3\]/],
    [() => gru(x, w, r), /with 2 units needs weightIh of \[6, 3\], not \[8, 3\]/],
    [() => lstm(x, input("v", [8, 4]), r), /needs weightIh of \[8, 3\], not \[8, 4\]/],
    [() => lstm(x, w, r, { h0: input("h", [3, 2]) }), /needs h0 of \[2, 2\], not \[3, 2\]/],
    [() => lstm(x, w, r, { c0: input("c", [2, 3]) }), /needs c0 of \[2, 2\], not \[2, 3\]/],
    [() => lstm(x, w, r, { peepholes: input("p", [8]) }), /needs peepholes of \[6\], not \[8\]/],
    [() => lstm(x, w, r, { biasHh: input("b", [4]) }), /needs biasHh of \[8\], not \[4\]/],
  ];
  for (const [call, words] of refused)
    assert.throws(call, (error) => error instanceof ShapeError && words.test(error.message), String(words));
  assert.throws(() => build(LSTM(3), [2, 4]), /LSTM needs an input \[steps, batch, features\]; it got \[2, 4\]/);
});
