// Runs any number of pictures through one compiled program of a fixed batch; the last batch is filled up with zeros, whose
// answers are dropped. A seed, one row [classes] or a whole map, is given to every picture of the batch.
import { type NdArray, ndarray } from "../base/array.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import { gradients } from "../compile/grad.ts";
import type { Engine } from "../engines/engine.ts";
import { attributesIf, input, inputOp, type Tensor } from "../graph/graph.ts";
import { openSession, type Session, type State } from "../run/session.ts";
import type { Network } from "./network.ts";

/** Answers come in double precision, whatever the engine computed in. */
export interface Answer extends NdArray {
  readonly data: Float64Array;
}

export interface Runner {
  /** Every output for every picture of [count, …], along the first axis. `seed` is one picture's. */
  run(pictures: NdArray, seed?: NdArray): Promise<Record<string, Answer>>;
  /** Puts other numbers into the same program. */
  load(weights: State): void;
  release(): void;
}

/** Compiles some tensors of a network. */
export async function openRunner(
  network: Network,
  outputs: Readonly<Record<string, Tensor>>,
  engine: Engine,
  weights: State,
  seed?: Tensor,
): Promise<Runner> {
  const inputs = seed ? [network.input, seed] : [network.input];
  const session = await openSession({ outputs, updates: [] }, engine, { state: weights, inputs });
  return new SessionRunner(session, network.input, seed);
}

/** `value` and the gradient of ⟨seed, of⟩ with respect to the input, picture by picture. */
export function openGradient(network: Network, of: Tensor, engine: Engine, weights: State): Promise<Runner> {
  const seed = seedLike(of);
  const [gradient] = gradients([of], [network.input], [seed]);
  return openRunner(network, { value: of, gradient }, engine, weights, seed);
}

/** An input of a tensor's shape, which the gradient starts from. */
export const seedLike = ({ shape, dtype }: Tensor): Tensor => input("neocog.seed", shape, dtype);

class SessionRunner implements Runner {
  readonly #session: Session;
  readonly #name: string;
  readonly #shape: Shape;
  readonly #seed: Tensor | undefined;

  constructor(session: Session, from: Tensor, seed: Tensor | undefined) {
    this.#session = session;
    this.#name = attributesIf(from.node, inputOp)!.name;
    this.#shape = from.shape;
    this.#seed = seed;
  }

  async run(pictures: NdArray, seed?: NdArray): Promise<Record<string, Answer>> {
    const [batch, ...picture] = this.#shape;
    const size = sizeOf(picture);
    const count = pictures.shape[0];
    const found: Record<string, Answer> = {};
    const seeds: Record<string, NdArray> =
      this.#seed && seed ? { "neocog.seed": repeat(seed, batch, this.#seed.shape) } : {};
    for (let first = 0; first < count; first += batch) {
      const taken = Math.min(batch, count - first);
      const part = new Float64Array(batch * size);
      part.set(pictures.data.subarray(first * size, (first + taken) * size));
      const answers = await this.#session.run({ [this.#name]: ndarray(this.#shape, part), ...seeds });
      for (const [name, { shape, data }] of Object.entries(answers)) {
        const row = sizeOf(shape) / batch;
        found[name] ??= { shape: [count, ...shape.slice(1)], dtype: "float32", data: new Float64Array(count * row) };
        found[name].data.set(data.subarray(0, taken * row), first * row);
      }
    }
    return found;
  }

  load(weights: State): void {
    for (const name of this.#session.variables) {
      const value = weights.get(name);
      if (value) this.#session.writeVariable(name, value);
    }
  }

  release(): void {
    this.#session.release();
  }
}

function repeat({ data }: NdArray, times: number, shape: Shape): NdArray {
  const all = new Float64Array(sizeOf(shape));
  for (let i = 0; i < times; i++) all.set(data, i * data.length);
  return ndarray(shape, all);
}

/** 1 at one place of [count]. */
export function oneHotRow(place: number, count: number): NdArray {
  const row = new Float64Array(count);
  row[place] = 1;
  return ndarray([count], row);
}
