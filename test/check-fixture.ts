// Compares a function of tensors with a golden file's case: outputs, and gradients where the case has them.
import { gradients } from "../src/compile/grad.ts";
import { referenceEngine } from "../src/engines/reference/engine.ts";
import { input, type Tensor } from "../src/graph/graph.ts";
import { openSession } from "../src/run/session.ts";
import { assertClose } from "./check-op.ts";
import type { FixtureCase } from "./fixtures.ts";

/** Golden numbers carry 12 digits. */
const TOLERANCE = 1e-9;

/** `build` gives the outputs by the names they have in the case, from the inputs by theirs. */
export async function checkFixture(
  one: FixtureCase,
  build: (inputs: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>,
  tolerance = TOLERANCE,
): Promise<void> {
  const inputs = Object.fromEntries(
    Object.entries(one.input).map(([name, { shape, dtype }]) => [name, input(name, shape, dtype)]),
  );
  const outputs = build(inputs);
  const seeds = Object.fromEntries(
    Object.entries(one.cotangent).map(([name, { shape }]) => [name, input(`cotangent of ${name}`, shape)]),
  );
  const wanted = Object.keys(one.gradient);
  const found = gradients(
    Object.keys(seeds).map((name) => outputs[name]),
    wanted.map((name) => inputs[name]),
    Object.values(seeds),
  );
  const answers: Record<string, Tensor> = { ...outputs };
  wanted.forEach((name, i) => {
    answers[`gradient of ${name}`] = found[i];
  });
  const feeds = {
    ...one.input,
    ...Object.fromEntries(Object.entries(one.cotangent).map(([name, array]) => [`cotangent of ${name}`, array])),
  };
  for (const lowering of ["definitions", "loops"] as const) {
    const session = await openSession(
      { outputs: answers, updates: [] },
      { ...referenceEngine(), lowering },
      { inputs: [...Object.values(inputs), ...Object.values(seeds)] },
    );
    const got = await session.run(feeds);
    for (const [name, expected] of Object.entries(one.output)) {
      assertClose(got[name], expected, tolerance, `${one.name} (${lowering}): ${name}`);
    }
    for (const name of wanted) {
      assertClose(got[`gradient of ${name}`], one.gradient[name], tolerance, `${one.name} (${lowering}): d${name}`);
    }
    session.release();
  }
}
