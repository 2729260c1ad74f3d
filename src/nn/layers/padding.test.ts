// Padding layers of every rank against PyTorch, whose list of widths begins with the last axis.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFixture } from "../../../test/check-fixture.ts";
import { readFixtures } from "../../../test/fixtures.ts";
import { build } from "../build.ts";
import { fromJSON } from "../json.ts";

const families: Readonly<Record<string, string>> = {
  constant: "ConstantPad",
  reflect: "ReflectionPad",
  replicate: "ReplicationPad",
  circular: "CircularPad",
};

const seen = new Set<string>();
for (const { op, inputs, ...one } of readFixtures("resize")) {
  const { padding, mode, value = 0 } = one.attributes as { padding: number[][]; mode: string; value?: number };
  const rank = inputs[0].shape.length - 2;
  // A layer pads the maps, and crops nothing.
  if (op !== "pad" || padding.length !== rank || padding.flat().some((width) => width < 0)) continue;
  const names = [`${families[mode]}${rank}d`, ...(mode === "constant" && value === 0 ? [`ZeroPad${rank}d`] : [])];
  for (const type of names) {
    seen.add(type);
    const options = { padding: padding.toReversed().flat(), ...(type.startsWith("Constant") ? { value } : {}) };
    const layer = fromJSON({ type, options });
    test(`PyTorch: ${type}: ${one.name}`, () =>
      checkFixture({ op, inputs, ...one }, ({ x }) => ({ y: build(layer, x).output })));
  }
}

test("every padding layer was compared", () => {
  assert.equal(seen.size, 15);
});
