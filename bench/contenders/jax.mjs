// jax-js, wasm device, everything in one jit.
import { contend, fill, fillLabels } from "./protocol.mjs";

await contend(async (work, threads) => {
  if (work.model !== "lenet") throw new Error("measured on LeNet only: minutes a step otherwise");
  if (threads > 1) throw new Error("threads are not settable in Node");
  const { init, defaultDevice, jit, lax, nn, numpy: np, valueAndGrad, tree } = await import("@jax-js/jax");
  await init("wasm");
  defaultDevice("wasm");
  const shapes = [
    [6, 1, 5, 5],
    [16, 6, 5, 5],
    [400, 120],
    [120, 84],
    [84, 10],
  ];
  let params = shapes.map((shape, i) => {
    const count = shape.reduce((a, b) => a * b);
    return np.array(fill(count, i + 1).map((v) => v * 0.1)).reshape(shape);
  });
  const pool = (x) => lax.reduceWindow(x, np.max, [2, 2], [2, 2]);
  const forward = ([c1, c2, f1, f2, f3], x) => {
    let h = pool(
      nn.relu(
        lax.convGeneralDilated(
          x,
          c1,
          [1, 1],
          [
            [2, 2],
            [2, 2],
          ],
        ),
      ),
    );
    h = pool(nn.relu(lax.convGeneralDilated(h, c2, [1, 1], "VALID"))).reshape([work.batch, 400]);
    h = nn.relu(np.dot(h, f1));
    h = nn.relu(np.dot(h, f2));
    return np.dot(h, f3);
  };
  const loss = (p, x, y) =>
    nn
      .logSoftmax(forward(p, x), -1)
      .mul(y)
      .sum()
      .mul(-1 / work.batch);
  const step = jit((p, x, y) => {
    const [value, grads] = valueAndGrad(loss)(tree.ref(p), x, y);
    return [value, p.map((w, i) => w.sub(grads[i].mul(0.01)))];
  });
  const x = np.array(fill(work.batch * 784)).reshape([work.batch, 1, 28, 28]);
  const y = nn.oneHot(np.array(fillLabels(work.batch, 10)), 10);
  return {
    note: "jax-js, plain SGD",
    iterate: async () => {
      const [value, next] = step(params, x.ref, y.ref);
      params = next;
      await value.data();
    },
  };
});
