// What an optimizer rule is: how one parameter and its state move by one step, as graph. Rules stand in sgd.ts, adam.ts
// and rmsprop.ts; update.ts applies them to all parameters.
import type { Tensor } from "../../graph/graph.ts";

/** Numbers that depend on the step alone are computed on the host in float64 and come in as scalar inputs. */
export type Scalars = Readonly<Record<string, number>>;

/** One parameter in one step. */
export interface Move {
  readonly weight: Tensor;
  readonly gradient: Tensor;
  readonly learningRate: Tensor;
  /** The scalar inputs that `scalars` fills, by name. */
  readonly scalar: Readonly<Record<string, Tensor>>;
  /** A state variable of the parameter's shape that starts at zero; `next` is its value after the step. */
  state(name: string, next: (now: Tensor) => Tensor): Tensor;
}

export interface Rule<O extends object> {
  /** Every option with PyTorch's default. */
  readonly defaults: Required<O>;
  /** Scalars of the step (from 0). */
  scalars?(options: Required<O>, step: number): Scalars;
  /** The parameter's new value. */
  move(options: Required<O>, move: Move): Tensor;
}
