// The long road: a training step as a graph, compiled into one plan and run by hand. Learns the edge kernel [1, -1] from one
// picture by gradient descent (SPEC 31): `node dist/examples/training-step.js`.
import {
  conv2d,
  fromNested,
  gradients,
  input,
  mul,
  openEngine,
  openSession,
  square,
  sub,
  sum,
  variable,
} from "../src/index.ts";

const x = input("x", [1, 1, 6, 8]);
const y = input("y", [1, 1, 6, 7]);
const w = variable("w", [1, 1, 1, 2], () => fromNested([[[[0, 0]]]]));

const loss = sum(square(sub(conv2d(x, w), y)));
const [slope] = gradients([loss], [w]);
const program = { outputs: { loss }, updates: [{ variable: w, value: sub(w, mul(slope, 0.03)) }] };

const picture = fromNested([[Array.from({ length: 6 }, () => [1, 1, 0, 0, 0, 0, 1, 1])]]);
const edges = fromNested([[Array.from({ length: 6 }, () => [0, 1, 0, 0, 0, -1, 0])]]);

const engine = await openEngine("auto", { threads: 1 });
const session = await openSession(program, engine);
for (let step = 0; step < 10; step++) {
  const answer = await session.run({ x: picture, y: edges });
  console.log(`step ${step}: loss ${answer.loss.data[0].toFixed(5)}`);
}
console.log("kernel", Array.from(session.readVariable("w").data, (value) => value.toFixed(5)).join(", "));
await engine.close();
